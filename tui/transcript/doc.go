// Package transcript makes sentences, or JSON, of what happens to a cluster. What happened is an Event first, a value that
// can be compared; the words for it are here and nowhere else. Three call it: `splitbrain run` writes a Transcript, the line
// mode (tui.Plain) and the pane of events show Events as they come.
//
//	t := transcript.New(os.Stdout, "demo.sb", transcript.Lines)
//	t.Begin(engine.Now, script, config)
//	t.Seen(snapshot)              // views that were formed, operations that ended
//	t.Result(line, result, err)   // what a line came to
//	t.End(verdict, broken)
package transcript
