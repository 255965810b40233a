package pbservice

import (
	"strings"
	"testing"

	"cluster/splitbrain/netsim/env"
)

// TestMessagesNameTheirOperation: a message that carries one client's operation, and no other, says which.
func TestMessagesNameTheirOperation(t *testing.T) {
	op := Op{Kind: Get, Key: "k", Client: "c1", Seq: 7}
	for _, c := range []struct {
		body interface {
			Operation() (string, uint64)
		}
		client string
		seq    uint64
	}{
		{&GetArgs{Client: "c1", Seq: 7}, "c1", 7},
		{&PutAppendArgs{Client: "c2", Seq: 8}, "c2", 8},
		{&ForwardArgs{Boot: 1, Ops: []Op{op}}, "c1", 7},
		{&ForwardArgs{Boot: 1, Ops: []Op{op, op}}, "", 0},
		{&ForwardArgs{Boot: 1, Ops: []Op{op}, Chunk: &Chunk{}}, "", 0},
		{&ForwardArgs{Boot: 1}, "", 0},
		{&ForwardArgs{}, "", 0},
	} {
		if client, seq := c.body.Operation(); client != c.client || seq != c.seq {
			t.Errorf("%+v: %s/%d", c.body, client, seq)
		}
	}
}

// TestMessagesSayWhatTheyTell: each message says in few words what a watcher would tell of it, whatever it carries.
func TestMessagesSayWhatTheyTell(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		body any
		want string
		tell env.Answer
	}{
		{&PutAppendArgs{Key: "a", Value: "2", Client: "c1", Seq: 7}, "put a 2", env.Tells},
		{&PutAppendArgs{Key: "a key", Client: "c1", Seq: 7}, `put "a key" ""`, env.Tells},
		{&PutAppendArgs{Append: true, Key: "log", Value: "\x1b[2J\n"}, `append log "\x1b[2J\n"`, env.Tells},
		{&PutAppendArgs{Key: long, Value: "漢"}, "put " + long[:32] + "… 漢", env.Tells},
		{&GetArgs{Key: "a", Client: "c12", Seq: 1}, "get a", env.Tells},
		{&PositionArgs{Client: "c1"}, "position?", env.Tells},
		{&ForwardArgs{Viewnum: 3}, "who is there?", env.Tells},
		{&ForwardArgs{Boot: 1, Position: 3, Ops: []Op{{Kind: Append, Key: "log", Value: "x"}}}, "append log x", env.Tells},
		{&ForwardArgs{Boot: 1, Ops: make([]Op, 3)}, "3 operations", env.Tells},
		{&ForwardArgs{Boot: 1, Ops: make([]Op, 2), Chunk: &Chunk{Pairs: make([]Pair, 1000)}}, "data, 1000 keys", env.Tells},
		{&ForwardArgs{Boot: 1, Chunk: &Chunk{Pairs: make([]Pair, 1), Last: true}}, "data, 1 key", env.Tells},
		{Reply{Err: OK}, "OK", env.Done},
		{Reply{Err: OK, Value: "two words"}, `= "two words"`, env.Found},
		{Reply{Err: NoKey}, "no such key", env.Tells},
		{ForwardReply{Position: 4}, "confirmed up to 4", env.Done},
	} {
		if got := env.SaysOf(c.body); got.Words != c.want || got.Answer != c.tell {
			t.Errorf("%+v says %+v, want %q, %v", c.body, got, c.want, c.tell)
		}
	}
	refused := Reply{Err: NotPrimary, Why: Cause{Code: 1}}
	if got := env.SaysOf(refused); got.Words != refused.Summary() || got.Answer != env.Tells {
		t.Errorf("a refusal says %+v", got)
	}
}
