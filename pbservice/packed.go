package pbservice

import (
	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/viewservice"
)

// The messages that are sent all the time are packed: their parts one after the other, in the order of their fields. A test
// holds that no field is forgotten. What each may hold at most is told before the first of its bytes is looked at (S13).

const (
	// slack is for the small parts of a message, and for values that are slightly too large: they are refused in words.
	slack = 64 << 10

	maxForward = 44 << 20 // the longest tail with one more operation, a pair of the largest value, and entries of the filter
	maxOps     = 1 << 19  // the longest tail, with operations as short as they can be

	minOp, minPair, minEntry = 8, 2, 4 // bytes of the shortest, packed
)

// MaxSize bounds the request.
func (*GetArgs) MaxSize() int { return MaxKey + slack }

// Pack appends the request.
func (a *GetArgs) Pack(b []byte) []byte {
	b = env.PackString(b, a.Key)
	b = env.PackString(b, a.Client)
	b = env.PackUint(b, a.Seq)
	b = env.PackUint(b, a.Since)
	b = env.PackUint(b, uint64(a.Viewnum))
	return env.PackUint(b, uint64(a.Cluster))
}

// Unpack reads the request.
func (a *GetArgs) Unpack(u *env.Unpacking) {
	a.Key, a.Client, a.Seq, a.Since = u.String(), u.Name(), u.Uint(), u.Uint()
	a.Viewnum, a.Cluster = viewnum(u), cluster(u)
}

func viewnum(u *env.Unpacking) viewservice.Number    { return viewservice.Number(u.Uint()) }
func cluster(u *env.Unpacking) viewservice.ClusterID { return viewservice.ClusterID(u.Uint()) }

// MaxSize bounds the request.
func (*PositionArgs) MaxSize() int { return slack }

// MaxSize bounds the request.
func (*PutAppendArgs) MaxSize() int { return MaxKey + MaxValue + slack }

// Pack appends the request.
func (a *PutAppendArgs) Pack(b []byte) []byte {
	b = env.PackBool(b, a.Append)
	b = env.PackString(b, a.Key)
	b = env.PackString(b, a.Value)
	b = env.PackString(b, a.Client)
	b = env.PackUint(b, a.Seq)
	b = env.PackUint(b, a.Since)
	b = env.PackUint(b, uint64(a.Viewnum))
	return env.PackUint(b, uint64(a.Cluster))
}

// Unpack reads the request.
func (a *PutAppendArgs) Unpack(u *env.Unpacking) {
	a.Append, a.Key, a.Value = u.Bool(), u.String(), u.String()
	a.Client, a.Seq, a.Since, a.Viewnum, a.Cluster = u.Name(), u.Uint(), u.Uint(), viewnum(u), cluster(u)
}

// MaxSize bounds the reply.
func (*Reply) MaxSize() int { return MaxValue + slack }

// Pack appends the reply.
func (r *Reply) Pack(b []byte) []byte {
	b = env.PackString(b, string(r.Err))
	b = env.PackString(b, r.Value)
	b = env.PackUint(b, uint64(r.Viewnum))
	b = env.PackUint(b, r.Position)
	return r.Why.pack(b)
}

// Unpack reads the reply.
func (r *Reply) Unpack(u *env.Unpacking) {
	r.Err, r.Value, r.Viewnum, r.Position = Err(u.Name()), u.String(), viewnum(u), u.Uint()
	r.Why.unpack(u)
}

func (c *Cause) pack(b []byte) []byte {
	b = append(b, byte(c.Code))
	if c.Code == CodeNone {
		return b
	}
	b = env.PackString(b, c.Server)
	b = env.PackString(b, c.Other)
	b = env.PackUint(b, uint64(c.View))
	return env.PackUint(b, uint64(c.N))
}

func (c *Cause) unpack(u *env.Unpacking) {
	if c.Code = Code(u.Byte()); c.Code == CodeNone {
		return
	}
	c.Server, c.Other, c.View, c.N = u.Name(), u.Name(), viewnum(u), int(u.Uint())
}

// MaxSize bounds the message.
func (*ForwardArgs) MaxSize() int { return maxForward }

// Pack appends the message.
func (a *ForwardArgs) Pack(b []byte) []byte {
	b = env.PackUint(b, uint64(a.Cluster))
	b = env.PackUint(b, uint64(a.Viewnum))
	b = env.PackString(b, a.Primary)
	for _, n := range []uint64{a.Boot, a.Attempt, a.Index, a.Position, uint64(len(a.Ops))} {
		b = env.PackUint(b, n)
	}
	for i := range a.Ops {
		b = a.Ops[i].pack(b)
	}
	b = env.PackBool(b, a.Chunk != nil)
	if a.Chunk == nil {
		return b
	}
	return a.Chunk.pack(b)
}

// Unpack reads the message.
func (a *ForwardArgs) Unpack(u *env.Unpacking) {
	a.Cluster, a.Viewnum, a.Primary = cluster(u), viewnum(u), u.Name()
	a.Boot, a.Attempt, a.Index, a.Position = u.Uint(), u.Uint(), u.Uint(), u.Uint()
	if n := u.Count(minOp, maxOps); n > 0 {
		a.Ops = make([]Op, n)
	}
	for i := range a.Ops {
		a.Ops[i].unpack(u)
	}
	if u.Bool() {
		a.Chunk = &Chunk{}
		a.Chunk.unpack(u)
	}
}

func (o *Op) pack(b []byte) []byte {
	b = append(b, byte(o.Kind))
	b = env.PackString(b, o.Key)
	b = env.PackString(b, o.Value)
	b = env.PackString(b, o.Client)
	b = env.PackUint(b, o.Seq)
	b = env.PackUint(b, o.Since)
	return env.PackBool(env.PackBool(b, o.TooLarge), o.Void)
}

func (o *Op) unpack(u *env.Unpacking) {
	o.Kind, o.Key, o.Value = OpKind(u.Byte()), u.String(), u.String()
	o.Client, o.Seq, o.Since, o.TooLarge, o.Void = u.Name(), u.Uint(), u.Uint(), u.Bool(), u.Bool()
}

func (c *Chunk) pack(b []byte) []byte {
	b = env.PackUint(b, uint64(len(c.Filter)))
	for _, e := range c.Filter {
		b = env.PackString(b, e.Client)
		b = env.PackUint(b, e.Seq)
		b = env.PackBool(b, e.TooLarge)
		b = env.PackUint(b, e.Position)
	}
	b = env.PackUint(b, c.Horizon)
	b = env.PackUint(b, uint64(len(c.Pairs)))
	for _, p := range c.Pairs {
		b = env.PackString(b, p.Key)
		b = env.PackString(b, p.Value)
	}
	return env.PackBool(b, c.Last)
}

func (c *Chunk) unpack(u *env.Unpacking) {
	if n := u.Count(minEntry, DefaultChunkKeys); n > 0 {
		c.Filter = make([]FilterEntry, n)
	}
	for i := range c.Filter {
		c.Filter[i] = FilterEntry{Client: u.String(), Seq: u.Uint(), TooLarge: u.Bool(), Position: u.Uint()}
	}
	c.Horizon = u.Uint()
	if n := u.Count(minPair, DefaultChunkKeys); n > 0 {
		c.Pairs = make([]Pair, n)
	}
	for i := range c.Pairs {
		c.Pairs[i] = Pair{Key: u.String(), Value: u.String()}
	}
	c.Last = u.Bool()
}

// Pack appends the reply.
func (r *ForwardReply) Pack(b []byte) []byte {
	for _, n := range []uint64{r.Boot, uint64(r.Viewnum), r.Position} {
		b = env.PackUint(b, n)
	}
	return r.Refused.pack(b)
}

// Unpack reads the reply.
func (r *ForwardReply) Unpack(u *env.Unpacking) {
	r.Boot, r.Viewnum, r.Position = u.Uint(), viewnum(u), u.Uint()
	r.Refused.unpack(u)
}

// MaxSize bounds the request.
func (*InspectArgs) MaxSize() int { return 2*MaxKey + slack }

// MaxSize bounds the reply.
func (*InspectReply) MaxSize() int { return 2*MaxRows*(MaxKey+ShownValue+slack/1024) + slack }
