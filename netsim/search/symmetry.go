package search

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"
)

// Limits of what is searched.
const (
	MaxServers = 9
	MaxClients = 8
)

// renaming is a viewservice.Canon that writes new numbers for servers and clients, for a boot how many later boots its
// server had, and for an age whether it has reached its limit. Not safe for concurrent use.
type renaming struct {
	names
	boots     *boots
	forgetful bool   // filters have so little room that they forget clients
	text      []byte // buffer of sorted
	rows      [][]byte
}

// names are the new numbers of servers and clients, each from 1.
type names struct {
	servers [MaxServers]byte
	clients [MaxClients]byte
}

// boot is one boot of a server, which is given by its index from 0.
type boot struct {
	server uint8
	id     uint64
}

// boots are those that are told apart in a state. The states of one search share them: equal ones are one.
type boots struct {
	all    []boot // in the order in which they began
	number uint64 // tells them from all others of their search; 0 for those with which it begins
}

// Name appends the new number of the node called name. A name that the search does not know, like that of a client
// of before the search, is appended as it is.
func (n *renaming) Name(b []byte, name string) []byte {
	const client, foreign = 0x40, 0xff
	if name == "" {
		return append(b, 0)
	}
	if len(name) == 2 {
		i := name[1] - '1'
		switch {
		case name[0] == 's' && i < MaxServers:
			return append(b, n.servers[i])
		case name[0] == 'c' && i < MaxClients:
			return append(b, client+n.clients[i])
		}
	}
	return append(append(b, foreign, byte(len(name))), name...)
}

// Boot appends how many known boots of the server came after this one. A boot that is not known is appended as it is.
func (n *renaming) Boot(b []byte, server string, id uint64) []byte {
	const unknown, nobody = 0xfe, 0xff
	if id == 0 || len(server) != 2 {
		return append(b, nobody)
	}
	i, later, known := server[1]-'1', byte(0), false
	for _, o := range n.boots.all {
		if o.server == i && o.id > id {
			later++
		}
		known = known || o.server == i && o.id == id
	}
	if !known {
		b = append(b, unknown)
		for id > 0 {
			b = append(b, byte(id))
			id >>= 8
		}
	}
	return append(b, later)
}

// Age appends whether age has reached limit. Nothing else about an age can change what happens in an untimed world.
func (n *renaming) Age(b []byte, age, limit time.Duration) []byte {
	if age >= limit {
		return append(b, 1)
	}
	return append(b, 0)
}

// Number appends nothing: what is awaited says all that the numbers of messages mean.
func (n *renaming) Number(b []byte, _ uint64) []byte { return b }

// Position appends a position if filters forget anybody.
func (n *renaming) Position(b []byte, position uint64) []byte {
	if n.forgetful {
		b = binary.AppendUvarint(b, position)
	}
	return b
}

// tokenSize is the length, in bytes, of the values that the search's clients write.
const tokenSize = 7

// token is the value that operation seq of a client writes, such as "[c1.02]". The value contains its client, so that
// Text can rename values together with clients. Numbers of operations repeat after 99.
func token(client int, seq uint64) string {
	return string([]byte{'[', 'c', '1' + byte(client), '.', '0' + byte(seq/10%10), '0' + byte(seq%10), ']'})
}

// Text appends a key or value. In a value that is made of tokens the clients get their new numbers.
func (n *renaming) Text(b []byte, text string) []byte {
	b = append(b, byte(len(text)), byte(len(text)>>8))
	if len(text)%tokenSize != 0 {
		return append(b, text...)
	}
	for ; len(text) > 0; text = text[tokenSize:] {
		client := text[2] - '1'
		if text[:2] != "[c" || client >= MaxClients || text[3] != '.' || text[6] != ']' {
			return append(b, text...)
		}
		b = append(b, n.clients[client], text[4], text[5])
	}
	return b
}

// sorted appends count rows in the order of their bytes, and writes to order, unless order is nil, which row stands
// at each place. row appends row i.
func (n *renaming) sorted(b []byte, count int, order []byte, row func(b []byte, i int) []byte) []byte {
	if count < 2 {
		if count == 1 {
			b = row(b, 0)
		}
		return b
	}
	n.text, n.rows = n.text[:0], n.rows[:0]
	for i := range count {
		at := len(n.text)
		n.text = row(append(n.text, 0), i)
		n.text[at] = byte(i)
		n.rows = append(n.rows, n.text[at:len(n.text):len(n.text)])
	}
	slices.SortFunc(n.rows, func(x, y []byte) int { return bytes.Compare(x[1:], y[1:]) })
	for place, r := range n.rows {
		if order != nil {
			order[place] = r[0]
		}
		b = append(b, r[1:]...)
	}
	return b
}
