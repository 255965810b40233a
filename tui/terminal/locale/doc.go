// Package locale writes for terminals that can't show more than ASCII.
//
//	if !locale.UTF8(os.Getenv) {
//		out = locale.Writer(out)
//	}
package locale
