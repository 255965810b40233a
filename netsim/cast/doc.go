// Package cast records what a terminal shows, as asciicast v2 files that asciinema plays, and draws single frames as
// pictures.
//
// A program that draws on a terminal writes through a Tee, which records between Start and Stop:
//
//	screen := cast.NewTee(os.Stdout)
//	p := tea.NewProgram(model, tea.WithOutput(screen))
//	// in Update, for the command “record demo.cast”:
//	err := screen.Start("demo.cast", cast.Header{Width: w, Height: h, Title: "demo"})
//	return m, tea.ClearScreen // draws everything anew: the recording begins with a whole frame
//
// A program without a terminal hands its frames to Frames, at times of its own.
package cast
