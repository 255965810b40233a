package export

import (
	"encoding/json"
	"io"

	"cluster/splitbrain/netsim"
)

// line is one event of the trace as docs/json.md describes it.
type line struct {
	Seq     uint64  `json:"seq"`
	AtMS    float64 `json:"at_ms"`
	Kind    string  `json:"kind"`
	Role    string  `json:"role,omitempty"`
	Msg     uint64  `json:"msg,omitempty"`
	Answers uint64  `json:"answers,omitempty"`
	CopyOf  uint64  `json:"copy_of,omitempty"`
	From    string  `json:"from"`
	To      string  `json:"to,omitempty"`
	Method  string  `json:"method,omitempty"`
	Size    int     `json:"size,omitempty"`
	Summary string  `json:"summary,omitempty"`
	Why     string  `json:"why,omitempty"`
}

// writeTrace writes one JSON object per event and line.
func writeTrace(w io.Writer, s Source) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, e := range s.Events {
		l := line{
			Seq: e.Seq, AtMS: float64(e.At.Nanoseconds()) / 1e6, Kind: e.Kind.String(), Msg: e.Msg, Answers: e.Answers,
			CopyOf: e.CopyOf, From: e.From, To: e.To, Method: e.Method, Size: e.Size, Summary: e.Summary, Why: e.Why,
		}
		if e.Direction != netsim.NoDirection {
			l.Role = e.Direction.String()
		}
		if err := out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}
