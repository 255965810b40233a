// Package locale writes for terminals that can't show more than ASCII. The command line (tui/cli) wraps its output with it,
// and the drawing kit takes its stand-ins for characters.
//
//	if !locale.UTF8(os.Getenv) {
//		out = locale.Writer(out)
//	}
package locale
