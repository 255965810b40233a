package engine

import (
	"context"
	"time"
)

type asideKey struct{}

// Aside marks ctx as that of something that goes on beside what a person or a script does: load, or an operation that
// nobody waits for. An engine whose time goes only while somebody waits does not let it go for a Do or Wait with such a
// context. It waits for a moment, instead, for whoever was told with one that an operation or a wait is over.
func Aside(ctx context.Context) context.Context { return context.WithValue(ctx, asideKey{}, true) }

// IsAside reports whether ctx was marked by Aside.
func IsAside(ctx context.Context) bool { return ctx.Value(asideKey{}) != nil }

type atOnceKey struct{}

// AtOnce marks ctx as that of something that was told to begin, though nobody waits for its end. It begins even while the
// past is looked at, and so begins another future there; what else goes on aside begins only while time goes.
func AtOnce(ctx context.Context) context.Context { return context.WithValue(ctx, atOnceKey{}, true) }

// BeginsAtOnce reports whether ctx was marked by AtOnce, or is that of somebody who waits.
func BeginsAtOnce(ctx context.Context) bool { return !IsAside(ctx) || ctx.Value(atOnceKey{}) != nil }

// Alarmer is an Engine of that kind, in which time must not go between the setting of a limit and what it limits.
type Alarmer interface {
	// Alarm begins to count before it returns. wait, to be called once, returns when d of the cluster's time has passed, or
	// ctx has ended, or with ErrPaused, if time was paused when the counting began.
	Alarm(ctx context.Context, d time.Duration) (wait func() error)
}
