// Package record records what a terminal shows, as asciicast v2 files that asciinema plays, and draws single frames as
// pictures.
//
// A program that draws on a terminal tells a Recorder what it draws, which records between Start and Stop:
//
//	recorder := record.NewRecorder()
//	recorder.Resize(width, height) // at first, and whenever it changes
//	err := recorder.Start("demo.cast", record.Header{Title: "demo"})
//	recorder.Drawn(text, true) // and whenever something is drawn; the first time it must be the whole screen
//
// A program without a terminal hands its frames to Frames, at times of its own: `splitbrain run --cast` does. The playground's
// command record tells a Recorder.
//
// Pictures take the styles of x/cellbuf, which reads SGR sequences. Its layout of a whole screen is not used: it keeps
// control characters in the cells.
package record
