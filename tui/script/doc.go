// Package script is the command language: everything that a person does to a cluster is one line of it, whether
// typed, clicked or read from a file. Commands is its only registry, and has what is done to the cluster itself from
// engine.Forms. Prompt, completion and help all come from there:
//
//	session := &script.Session{Engine: cluster}
//	result, err := session.Run(ctx, "put a 1 @c2")
//
// Words are split as in a shell: blanks separate, quotes and backslashes join, # begins a comment. Two things differ.
// Inside double quotes the escapes of Go's strings mean what they mean there, so that "\n" is a newline and "\xff" a
// byte that is no text; what Quote returns is always read back as the same word. And @, >, | and & have their meaning
// only outside quotes: put a "@c2" stores a text, put a 1 @c2 names a client.
//
// A put, get or append is waited for. With & at its end it only begins, and what follows runs beside it, as in a shell:
//
//	cut s1 > s2
//	put a 2 @c1 &
//	expect waiting c1 because S5
//	heal
//	expect result c1 ok
//
// Operations of one client run one after another, in the order of their lines.
//
// A file of lines is a Script. ParseScript understands all of it, or says which line is wrong. Its notes and questions
// divide it into steps, which a Player shows one after another; Lessons are such scripts. RuleScripts show, for each
// rule that can be switched off, what breaks without it.
package script
