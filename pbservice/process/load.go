package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"cluster/splitbrain/pbservice"
)

// LoadOptions describe a load: clients that each run one operation after the other.
type LoadOptions struct {
	ClientOptions
	Clients   int
	Duration  time.Duration
	Gets      int // percent
	Keys      int
	ValueSize int     // bytes
	Rate      float64 // operations per second of all clients together; 0: as fast as it goes
}

func (o LoadOptions) validate() error {
	switch {
	case o.Clients < 1 || o.Clients > 10_000:
		return fmt.Errorf("clients %d: must be 1 to 10000", o.Clients)
	case o.Duration <= 0:
		return fmt.Errorf("duration %v: must be positive", o.Duration)
	case o.Gets < 0 || o.Gets > 100:
		return fmt.Errorf("get %d%%: must be 0 to 100", o.Gets)
	case o.Keys < 1:
		return fmt.Errorf("keys %d: must be at least 1", o.Keys)
	case o.ValueSize < 0 || o.ValueSize > pbservice.MaxValue:
		return fmt.Errorf("value size %d: must be 0 to %d", o.ValueSize, pbservice.MaxValue)
	case !(o.Rate >= 0) || math.IsInf(o.Rate, 0):
		return fmt.Errorf("rate %v: must be a number of operations per second, 0 for as fast as it goes", o.Rate)
	}
	return o.ClientOptions.validate()
}

// Load is what a load came to.
type Load struct {
	Ops          int     `json:"ops"`
	Seconds      float64 `json:"seconds"`
	OpsPerS      float64 `json:"ops_per_s"`
	P50US        float64 `json:"p50_us"`
	P99US        float64 `json:"p99_us"`
	MaxUS        float64 `json:"max_us"`
	Errors       int     `json:"errors"`
	LongestGapMS float64 `json:"longest_gap_ms"` // in which no operation of any client succeeded
	Starved      int     `json:"starved"`        // clients that got no answer though they had half of the load for it
	MissedPerS   float64 `json:"missed_per_s"`   // of the rate that was asked for; 0 without one
	Why          string  `json:"why"`            // clients starved, or the rate was missed; "" if neither
}

// RunLoad runs a load and prints what it came to, in words or as one JSON object. It ends early, and in order, when
// ctx does, with its cause as the error. An operation that was not answered within Timeout is an error of the load, not
// of RunLoad; that a client never was is ErrUnreachable.
func RunLoad(ctx context.Context, out io.Writer, o LoadOptions, asJSON bool) error {
	if err := o.validate(); err != nil {
		return err
	}
	ctx, done := o.whileViews(ctx)
	defer done()
	workers, load := o.run(ctx)
	cause := context.Cause(ctx)
	if hopeless(cause) {
		return cause
	}
	load.Why = o.short(ctx, load, workers)
	if err := load.print(out, asJSON); err != nil {
		return err
	}
	return o.outcome(cause, load)
}

// outcome is the error of a load that was cut short, or left clients without an answer.
func (o LoadOptions) outcome(cause error, load Load) error {
	switch {
	case cause != nil:
		return fmt.Errorf("load: %w after %.1f s of %v", cause, load.Seconds, o.Duration)
	case load.Ops == 0:
		return fmt.Errorf("%w: no operation in %v: %s", ErrUnreachable, o.Duration, load.Why)
	case load.Starved > 0:
		return fmt.Errorf("%w: no operation of %d of %d clients: %s", ErrUnreachable, load.Starved, o.Clients, load.Why)
	}
	return nil
}

// short says why a load fell short of what was asked for; "" if it did not.
func (o LoadOptions) short(ctx context.Context, l Load, workers []worker) string {
	switch {
	case context.Cause(ctx) != nil:
		return "" // it was not let
	case l.Ops == 0 || l.Starved > 0:
		return o.why(ctx, unanswered(workers))
	case l.MissedPerS == 0:
		return ""
	}
	return fmt.Sprintf("%d clients, one operation each at a time of %.0f µs (p50), can't begin as many", o.Clients, l.P50US)
}

// run lets the clients work until the time is over, or ctx is.
func (o LoadOptions) run(ctx context.Context) ([]worker, Load) {
	ctx, cancel := context.WithTimeout(ctx, o.Duration)
	defer cancel()
	began := time.Now()
	workers := make([]worker, o.Clients)
	var running sync.WaitGroup
	for i := range workers {
		running.Go(func() { workers[i].run(ctx, o, i, began) })
	}
	running.Wait()
	load := summarise(workers, began, time.Since(began))
	if missed := o.Rate - load.OpsPerS; missed > o.Rate/20 && load.Ops > 0 {
		load.MissedPerS = missed
	}
	return workers, load
}

// print tells what a load came to. Without JSON nothing is told of one that came to nothing.
func (l Load) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(l)
	}
	if l.Ops == 0 {
		return nil
	}
	_, err := fmt.Fprintf(out, "%d operations in %.1f s: %.0f per second, p50 %.0f µs, p99 %.0f µs, longest %.0f µs, %d errors, longest gap %.1f ms\n",
		l.Ops, l.Seconds, l.OpsPerS, l.P50US, l.P99US, l.MaxUS, l.Errors, l.LongestGapMS)
	if l.MissedPerS > 0 && err == nil {
		_, err = fmt.Fprintf(out, "%.0f per second less than was asked for: %s\n", l.MissedPerS, l.Why)
	}
	return err
}

// worker is one client of a load.
type worker struct {
	ended  []time.Time
	took   []time.Duration
	errors int
	cut    int                            // operations that the end of the load cut short
	first  time.Time                      // when its first operation began; zero if none did
	last   *pbservice.UnknownOutcomeError // the newest operation without an answer
}

// unanswered is an operation that was not answered.
func unanswered(workers []worker) *pbservice.UnknownOutcomeError {
	for _, w := range workers {
		if w.last != nil {
			return w.last
		}
	}
	return &pbservice.UnknownOutcomeError{Why: "none was begun"}
}

// pace is when client n begins its first operation, and how long after one begins it begins the next: the clients take
// turns, the first one at once.
func (o LoadOptions) pace(n int) (first, every time.Duration) {
	if o.Rate == 0 {
		return 0, 0
	}
	const longest = 1 << 62
	after := func(ops int) time.Duration {
		return time.Duration(min(float64(ops)/o.Rate*float64(time.Second), longest))
	}
	return after(n), after(o.Clients)
}

func (w *worker) run(ctx context.Context, o LoadOptions, n int, began time.Time) {
	k := o.newClerk()
	defer k.Close()
	random := rand.New(rand.NewPCG(uint64(n), 0))
	value := strings.Repeat("v", o.ValueSize)
	for next, every := o.pace(n); await(ctx, began.Add(next)); next = max(next+every, time.Since(began)) {
		op := pbservice.Op{Kind: pbservice.Put, Key: fmt.Sprintf("key-%d", random.IntN(o.Keys)), Value: value}
		if w.first.IsZero() {
			w.first = time.Now()
		}
		if random.IntN(100) < o.Gets {
			op.Kind, op.Value = pbservice.Get, ""
		}
		w.operate(ctx, k, op, o.Timeout)
	}
}

// await lets time pass until at. It reports whether ctx goes on.
func await(ctx context.Context, at time.Time) bool {
	left := time.Until(at)
	if left <= 0 {
		return ctx.Err() == nil
	}
	due := time.NewTimer(left)
	defer due.Stop()
	select {
	case <-due.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (w *worker) operate(ctx context.Context, k *pbservice.Clerk, op pbservice.Op, timeout time.Duration) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	_, err := k.Do(limited, op)
	now := time.Now()
	w.last, _ = errors.AsType[*pbservice.UnknownOutcomeError](err)
	switch {
	case err == nil:
		w.ended = append(w.ended, now)
		w.took = append(w.took, now.Sub(began))
	case ctx.Err() != nil: // the end of the load is no error of the operation that it cut short
		w.cut++
	default:
		w.errors++
	}
}

func summarise(workers []worker, began time.Time, length time.Duration) Load {
	var took []time.Duration
	var ended []time.Time
	cut := 0
	l := Load{Seconds: length.Seconds()}
	for _, w := range workers {
		took = append(took, w.took...)
		ended = append(ended, w.ended...)
		l.Errors += w.errors
		cut += w.cut
		if len(w.took) == 0 && !w.first.IsZero() && w.first.Sub(began) < length/2 {
			l.Starved++
			l.Errors += w.cut
			cut -= w.cut
		}
	}
	if len(took) == 0 {
		l.Errors += cut // it was all the time there was
		l.LongestGapMS = float64(length.Microseconds()) / 1e3
		return l
	}
	slices.Sort(took)
	slices.SortFunc(ended, time.Time.Compare)
	at := func(part float64) float64 { return float64(took[int(part*float64(len(took)-1))].Nanoseconds()) / 1e3 }
	l.Ops, l.OpsPerS = len(took), float64(len(took))/l.Seconds
	l.P50US, l.P99US, l.MaxUS = at(0.5), at(0.99), at(1)
	last := began
	gap := began.Add(length).Sub(ended[len(ended)-1])
	for _, t := range ended {
		gap = max(gap, t.Sub(last))
		last = t
	}
	l.LongestGapMS = float64(gap.Microseconds()) / 1e3
	return l
}
