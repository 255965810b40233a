package engine

import "context"

type asideKey struct{}

// Aside marks ctx as that of something that goes on beside what a person or a script does: load, or an operation that
// nobody waits for. An engine whose time goes only while somebody waits does not let it go for a Do or Wait with such a
// context. It waits for a moment, instead, for whoever was told with one that an operation or a wait is over.
func Aside(ctx context.Context) context.Context { return context.WithValue(ctx, asideKey{}, true) }

// IsAside reports whether ctx was marked by Aside.
func IsAside(ctx context.Context) bool { return ctx.Value(asideKey{}) != nil }
