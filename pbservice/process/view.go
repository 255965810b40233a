package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// viewLine is the JSON form of View.
type viewLine struct {
	View         viewservice.Number `json:"view"`
	Primary      string             `json:"primary"`
	Backup       string             `json:"backup"`
	Acknowledged bool               `json:"acknowledged"`
	Why          []string           `json:"why"`
	Unacked      string             `json:"unacknowledged"`
	Blocked      string             `json:"blocked"`
	Notices      []string           `json:"notices"`
	Servers      []serverLine       `json:"servers"`
	Cluster      string             `json:"cluster"`
	Refused      []refusedLine      `json:"refused"`
}

type serverLine struct {
	Name     string             `json:"name"`
	State    string             `json:"state"`
	Entered  viewservice.Number `json:"entered"`
	SilentMS int64              `json:"silent_ms"`
	Dead     bool               `json:"dead"`
}

// refusedLine is a server of another cluster.
type refusedLine struct {
	Name     string             `json:"name"`
	Cluster  string             `json:"cluster"`
	Entered  viewservice.Number `json:"entered"`
	SilentMS int64              `json:"silent_ms"`
}

// View prints the current view, why it is so and what it waits for, and who is heard, in words or as one JSON object.
func View(ctx context.Context, out io.Writer, o ClientOptions, asJSON bool) error {
	if err := o.validate(); err != nil {
		return err
	}
	line, err := o.look(ctx, o.Timeout)
	switch {
	case hopeless(err):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%w: viewservice %s: %w", ErrUnreachable, o.Views, err)
	case asJSON:
		return json.NewEncoder(out).Encode(line)
	}
	return line.print(out)
}

// absent is a line of Watch while nobody answers.
type absent struct {
	Error string `json:"error"`
}

// Watch prints a line, or a JSON object, for each change of what View tells, until ctx ends, which is no error. That the
// viewservice does not answer is such a change.
func Watch(ctx context.Context, out io.Writer, o ClientOptions, asJSON bool) error {
	if err := o.validate(); err != nil {
		return err
	}
	shown := ""
	for next := time.Now(); await(ctx, next); next = time.Now().Add(o.PingInterval) {
		line, err := o.look(ctx, min(o.Timeout, time.Second))
		if ctx.Err() != nil {
			break
		}
		text, told := line.sentence(), any(line)
		if err != nil {
			text, told = "the viewservice does not answer: "+err.Error(), absent{err.Error()}
		}
		if text == shown {
			continue
		}
		shown = text
		if asJSON {
			err = json.NewEncoder(out).Encode(told)
		} else {
			_, err = fmt.Fprintln(out, time.Now().Format(time.TimeOnly), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// look asks the viewservice, and the primary for what only that knows.
func (o ClientOptions) look(ctx context.Context, timeout time.Duration) (viewLine, error) {
	s, err := o.inspect(ctx, timeout)
	if err != nil {
		return viewLine{}, err
	}
	line := viewLine{
		View: s.View.Viewnum, Primary: s.View.Primary, Backup: s.View.Backup, Acknowledged: s.Acked,
		Blocked: s.Blocked.String(), Why: []string{}, Notices: []string{}, Servers: []serverLine{},
		Cluster: s.Cluster.String(), Refused: []refusedLine{},
	}
	if n := len(s.Changes); n > 0 {
		for _, cause := range s.Changes[n-1].Causes {
			line.Why = append(line.Why, cause.String())
		}
	}
	for _, notice := range s.Notices {
		line.Notices = append(line.Notices, notice.String())
	}
	if s.View.Viewnum > 0 && !s.Acked && line.Blocked == "" {
		line.Unacked = o.unacknowledged(ctx, s.View)
	}
	for _, m := range s.Servers {
		line.Servers = append(line.Servers, serverLine{m.Name, state(m, s.View), m.Entered, m.Silent.Milliseconds(), m.Dead})
	}
	for _, r := range s.Refused {
		line.Refused = append(line.Refused, refusedLine{r.Name, r.Cluster.String(), r.Entered, r.Silent.Milliseconds()})
	}
	return line, nil
}

// state is what a server is to the viewservice.
func state(m viewservice.Member, v viewservice.View) string {
	words := "forgotten"
	switch {
	case m.Name == v.Primary:
		words = "primary"
	case m.Name == v.Backup:
		words = "backup"
	case m.Place > 0:
		words = fmt.Sprintf("volunteer %d", m.Place)
	}
	if m.Restarted {
		words += ", came back empty"
	}
	if m.Dead {
		words += ", dead"
	}
	return words
}

// unacknowledged asks the primary why it has not acknowledged its view.
func (o ClientOptions) unacknowledged(ctx context.Context, v viewservice.View) string {
	const patience = 500 * time.Millisecond
	primary := env.NewClient(env.System, o.Secret.dial, v.Primary)
	defer primary.Close()
	waits := fmt.Sprintf("view %d waits for Ping(%d) from its primary (V2)", v.Viewnum, v.Viewnum)
	reply, err := env.Ask[pbservice.InspectReply](ctx, primary, min(patience, o.Timeout), pbservice.ServiceName+".Inspect", &pbservice.InspectArgs{})
	if err != nil {
		return waits + ", which does not answer"
	}
	switch s := reply.Status; {
	case s.Refuses.Code != pbservice.CodeNone:
		return s.Refuses.String()
	case s.View.Viewnum > v.Viewnum:
		return fmt.Sprintf("%s, which is in view %d already: views never go back (S11)", waits, s.View.Viewnum)
	case s.View == v && s.Phase == pbservice.PhaseTransferring:
		return fmt.Sprintf("the primary fills its backup first: %d of %d keys (S6)", s.Transfer.Done, s.Transfer.Keys)
	}
	return waits
}

// headline is the view itself.
func (l viewLine) headline() string {
	acked := "not acknowledged"
	if l.Acknowledged {
		acked = "acknowledged"
	}
	return fmt.Sprintf("view %d: primary %q, backup %q, %s", l.View, l.Primary, l.Backup, acked)
}

// reasons are why the view is as it is, what it waits for, and what seems to be wrong with the servers, one by one.
func (l viewLine) reasons() []string {
	var all []string
	for _, why := range l.Why {
		all = append(all, "because "+why)
	}
	for _, why := range []string{l.Blocked, l.Unacked} {
		if why != "" {
			all = append(all, why)
		}
	}
	return append(all, l.Notices...)
}

// print tells all of it in lines.
func (l viewLine) print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, l.headline())
	for _, why := range l.reasons() {
		fmt.Fprintln(&b, why)
	}
	for _, s := range l.Servers {
		fmt.Fprintf(&b, "%q %s, entered view %d, heard %d ms ago\n", s.Name, s.State, s.Entered, s.SilentMS)
	}
	for _, r := range l.Refused {
		fmt.Fprintf(&b, "%q %s; it entered view %d, heard %d ms ago\n", r.Name, l.refusal(r), r.Entered, r.SilentMS)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// sentence tells in one line all that does not change all the time.
func (l viewLine) sentence() string {
	parts := append([]string{l.headline()}, l.reasons()...)
	for _, s := range l.Servers {
		parts = append(parts, fmt.Sprintf("%q %s", s.Name, s.State))
	}
	for _, r := range l.Refused {
		parts = append(parts, fmt.Sprintf("%q %s", r.Name, l.refusal(r)))
	}
	return strings.Join(parts, "; ")
}

func (l viewLine) refusal(r refusedLine) string {
	return fmt.Sprintf("is refused: it belongs to cluster %s, this is %s", r.Cluster, l.Cluster)
}
