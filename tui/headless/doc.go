// Package headless runs scripts and lessons without a screen: a transcript that can be read aloud, or JSON, one line
// per event worth telling.
//
//	for _, line := range script.Lines {
//		result, err := session.Do(ctx, line.Invocation)
//		// … what the cluster did meanwhile, and what the line came to, are told …
//	}
package headless
