package engine

import (
	"testing"
	"time"
)

func TestConfigWords(t *testing.T) {
	full := Config{Servers: 4, Clients: 2, Seed: 7, PingInterval: 20 * time.Millisecond, DeadPings: 3, ChunkKeys: 1, FilterClients: 2, Latency: time.Millisecond}
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Defaults, "servers=3 clients=2 seed=0 ping-interval=100ms dead-pings=5"},
		{full, "servers=4 clients=2 seed=7 ping-interval=20ms dead-pings=3 chunk-keys=1 filter-clients=2 latency=1ms"},
	} {
		if got := tt.cfg.Words(); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.cfg, got, tt.want)
		}
	}
	for word, want := range map[string]string{
		"servers=x": "needs a number", "ping-interval=3": "is not a time like ping-interval=100ms", "seed=-1": "needs a number",
		"": "is none of servers=, clients=, seed=, ping-interval=, dead-pings=, chunk-keys=, filter-clients= and latency=",
	} {
		if err := new(Config).SetWord(word); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %q", word, err, want)
		}
	}
}
