package pbservice

import "testing"

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
