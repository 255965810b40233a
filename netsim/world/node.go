package world

import (
	"fmt"
	"strconv"

	"cluster/splitbrain/netsim/engine"
)

// Node is a member of a world. Its number says what it is: the order of nodes is the viewservice, servers, clients.
type Node uint8

// Viewservice is the viewservice.
const Viewservice Node = 0

const (
	firstServer = Viewservice + 1
	firstClient = firstServer + engine.MaxServers
	lastClient  = firstClient + engine.MaxClients - 1
)

var nodeNames = func() (names [lastClient + 1]string) {
	names[Viewservice] = engine.ViewAddr
	for i := range engine.MaxServers {
		names[int(firstServer)+i] = fmt.Sprintf("s%d", i+1)
	}
	for i := range engine.MaxClients {
		names[int(firstClient)+i] = fmt.Sprintf("c%d", i+1)
	}
	return names
}()

// Server is the server of that number, from 1 to engine.MaxServers.
func Server(number int) Node { return firstServer + Node(number) - 1 }

// Client is the client of that number, from 1 to engine.MaxClients.
func Client(number int) Node { return firstClient + Node(number) - 1 }

// ParseNode finds a node by its name, whether a world has it or not.
func ParseNode(name string) (Node, bool) {
	if name == engine.ViewAddr {
		return Viewservice, true
	}
	if len(name) < 2 || name[1] == '0' || name[1] == '+' || name[1] == '-' {
		return 0, false
	}
	number, err := strconv.Atoi(name[1:])
	switch {
	case err != nil:
		return 0, false
	case name[0] == 's' && number <= engine.MaxServers:
		return Server(number), true
	case name[0] == 'c' && number <= engine.MaxClients:
		return Client(number), true
	}
	return 0, false
}

// IsServer reports whether n is a server.
func (n Node) IsServer() bool { return n >= firstServer && n < firstClient }

// IsClient reports whether n is a client.
func (n Node) IsClient() bool { return n >= firstClient }

// String is the node's name.
func (n Node) String() string { return nodeNames[n] }

// place is the index among the servers, or among the clients.
func (n Node) Index() int {
	if n.IsClient() {
		return int(n - firstClient)
	}
	return int(n - firstServer)
}
