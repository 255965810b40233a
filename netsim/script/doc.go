// Package script is the command language: everything that a person does to a cluster is one line of it, whether
// typed, clicked or read from a file. Commands is its only registry. Prompt, keys, completion and help all come
// from there:
//
//	session := &script.Session{Engine: cluster}
//	result, err := session.Run(ctx, "put a 1 @c2")
//
// Words are split as in a shell: blanks separate, quotes and backslashes join, # begins a comment. Two things differ.
// Inside double quotes the escapes of Go's strings mean what they mean there, so that "\n" is a newline and "\xff" a
// byte that is no text; what Quote returns is always read back as the same word. And @, > and | have their meaning
// only outside quotes: put a "@c2" stores a text, put a 1 @c2 names a client.
package script
