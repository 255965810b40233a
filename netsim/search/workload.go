package search

import (
	"fmt"
	"slices"
	"strings"

	"cluster/splitbrain/netsim/engine/lex"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/pbservice"
)

// Workload is what each client does, in its order, by the client's index.
type Workload [][]pbservice.Op

// ParseWorkload reads operations like "c1 put a 1; c2 get a", with ; or newlines between them. The error names the operation
// that can't be read.
func ParseWorkload(text string) (all Workload, err error) {
	for line := range strings.Lines(text) {
		words, err := lex.SplitAt(line, ";")
		if err != nil {
			return nil, fmt.Errorf("%q: %w", strings.TrimSpace(line), err)
		}
		for len(words) > 0 {
			n := slices.IndexFunc(words, func(w lex.Word) bool { return w.Is(";") })
			if n < 0 {
				n = len(words)
			}
			if err := all.add(words[:n]); err != nil {
				return nil, err
			}
			words = words[min(n+1, len(words)):]
		}
	}
	if all.Len() == 0 {
		return nil, fmt.Errorf("%q has no operation: c1 put a 1; c2 get a", text)
	}
	return all, nil
}

// add adds the operation of some words, if there are any.
func (w *Workload) add(words []lex.Word) error {
	if len(words) == 0 {
		return nil
	}
	n, op, err := operation(words)
	if err != nil {
		return err
	}
	for len(*w) <= n.Index() {
		*w = append(*w, nil)
	}
	(*w)[n.Index()] = append((*w)[n.Index()], op)
	return nil
}

// maxWritten is how many bytes a key or value of a workload may have: a search keeps many copies.
const maxWritten = 200

// operation reads words that begin with a client's name.
func operation(words []lex.Word) (n world.Node, op pbservice.Op, err error) {
	var written []string
	for _, w := range words {
		written = append(written, w.String())
	}
	client, line := words[0].Text, strings.Join(written, " ")
	n, ok := world.ParseNode(client)
	if !ok || !n.IsClient() || n.Index() >= MaxClients {
		return n, op, fmt.Errorf("%q does not begin with a client: c1 put a 1", line)
	}
	e, err := world.ParseEvent(strings.Join(append(written[1:], "@"+client), " "))
	switch {
	case err != nil || e.Kind != world.Invoke:
		return n, op, fmt.Errorf("%q is no operation: c1 put a 1, c1 append a 1, c1 get a", line)
	case max(len(e.Op.Key), len(e.Op.Value)) > maxWritten:
		return n, op, fmt.Errorf("%s: keys and values are up to %d bytes here", client, maxWritten)
	}
	return n, e.Op, nil
}

// Len is how many operations there are.
func (w Workload) Len() (n int) {
	for _, ops := range w {
		n += len(ops)
	}
	return n
}

// keys are those of the operations, sorted.
func (w Workload) keys() (all []string) {
	for _, ops := range w {
		for _, op := range ops {
			all = append(all, op.Key)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// nextOp is what the workload says of the client with index i in st; ok is false if there is no workload, or the client has
// begun all that it says.
func (s *scope) nextOp(st *state, i int) (op pbservice.Op, ok bool) {
	if s.workload == nil {
		return op, false
	}
	if begun := int(st.seqs[i] - s.ops); begun < len(s.workload[i]) {
		return s.workload[i][begun], true
	}
	return op, false
}
