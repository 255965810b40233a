package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	Unacked      string             `json:"unacknowledged"`
	Blocked      string             `json:"blocked"`
	Servers      []serverLine       `json:"servers"`
	Cluster      string             `json:"cluster"`
	Refused      []refusedLine      `json:"refused"`
}

type serverLine struct {
	Name     string             `json:"name"`
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

// View prints the current view and who is heard, in words or as one JSON object.
func View(ctx context.Context, out io.Writer, o ClientOptions, asJSON bool) error {
	if err := o.validate(); err != nil {
		return err
	}
	s, err := o.inspect(ctx, o.Timeout)
	switch {
	case hopeless(err):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("%w: viewservice %s: %w", ErrUnreachable, o.Views, err)
	}
	line := viewLine{
		View: s.View.Viewnum, Primary: s.View.Primary, Backup: s.View.Backup, Acknowledged: s.Acked,
		Blocked: s.Blocked.String(), Servers: []serverLine{},
		Cluster: s.Cluster.String(), Refused: []refusedLine{},
	}
	if s.View.Viewnum > 0 && !s.Acked && line.Blocked == "" {
		line.Unacked = o.unacknowledged(ctx, s.View)
	}
	for _, m := range s.Servers {
		line.Servers = append(line.Servers, serverLine{m.Name, m.Entered, m.Silent.Milliseconds(), m.Dead})
	}
	for _, r := range s.Refused {
		line.Refused = append(line.Refused, refusedLine{r.Name, r.Cluster.String(), r.Entered, r.Silent.Milliseconds()})
	}
	if asJSON {
		return json.NewEncoder(out).Encode(line)
	}
	return printView(out, line)
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

func printView(out io.Writer, line viewLine) error {
	acked := "not acknowledged"
	if line.Acknowledged {
		acked = "acknowledged"
	}
	fmt.Fprintf(out, "view %d: primary %q, backup %q, %s\n", line.View, line.Primary, line.Backup, acked)
	if why := line.Blocked + line.Unacked; why != "" {
		fmt.Fprintln(out, why)
	}
	for _, s := range line.Servers {
		state := ""
		if s.Dead {
			state = ", dead"
		}
		if _, err := fmt.Fprintf(out, "%q entered view %d, heard %d ms ago%s\n", s.Name, s.Entered, s.SilentMS, state); err != nil {
			return err
		}
	}
	for _, r := range line.Refused {
		if _, err := fmt.Fprintf(out, "%q is refused: it belongs to cluster %s, this is %s; it entered view %d, heard %d ms ago\n",
			r.Name, r.Cluster, line.Cluster, r.Entered, r.SilentMS); err != nil {
			return err
		}
	}
	return nil
}
