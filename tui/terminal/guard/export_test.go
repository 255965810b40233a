package guard

import "time"

// SetPatience says how long a child may take to end after a signal.
func SetPatience(d time.Duration) { patience = d }
