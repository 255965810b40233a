// Package spelling finds the word that was meant by one that is nearly right.
//
//	if near, ok := spelling.Nearest("serch", commands); ok {
//		return fmt.Errorf("no command %q: did you mean %s?", "serch", near)
//	}
package spelling
