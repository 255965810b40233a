package sim

import (
	"fmt"
	"slices"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/world"
	"cluster/splitbrain/viewservice/rules"
)

// give gives a command if all names are those of nodes.
func (e *Engine) give(ev world.Action, names ...string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(names...); err != nil {
		return err
	}
	return e.command(ev)
}

func (e *Engine) onNode(kind world.ActionKind, node string) error {
	n, _ := world.ParseNode(node)
	return e.give(world.Action{Kind: kind, Node: n}, node)
}

// Kill crashes a server or the viewservice, frozen or not. What it has already sent still arrives.
func (e *Engine) Kill(node string) error { return e.onNode(world.Crash, node) }

// Restart starts a new, empty incarnation of a server or the viewservice, and kills the running one first.
func (e *Engine) Restart(node string) error { return e.onNode(world.Restart, node) }

// Freeze makes any node stand still.
func (e *Engine) Freeze(node string) error { return e.onNode(world.Freeze, node) }

// Thaw lets a frozen node go on.
func (e *Engine) Thaw(node string) error { return e.onNode(world.Thaw, node) }

// Isolate cuts a node from all others, both ways.
func (e *Engine) Isolate(node string) error { return e.onNode(world.Isolate, node) }

// Unreliable makes a node the lab's unreliable server.
func (e *Engine) Unreliable(node string) error { return e.onNode(world.Unreliable, node) }

// HealAll makes all links whole and thaws all that is frozen. The crashed stay so.
func (e *Engine) HealAll() error { return e.give(world.Action{Kind: world.HealAll}) }

// ReleaseAll ends all holds and delivers what waits.
func (e *Engine) ReleaseAll() error { return e.give(world.Action{Kind: world.ReleaseAll}) }

// Add starts one more server, under the next number.
func (e *Engine) Add() (name string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return "", err
	}
	if err := e.command(world.Action{Kind: world.Add}); err != nil {
		return "", err
	}
	return world.Server(e.world.Servers()).String(), nil
}

// Partition cuts nodes of different groups from one another and heals the cuts within each. Nodes in no group form one
// more.
func (e *Engine) Partition(groups [][]string) error {
	nodes := make([][]world.Node, len(groups))
	for i, g := range groups {
		for _, name := range g {
			n, _ := world.ParseNode(name)
			nodes[i] = append(nodes[i], n)
		}
	}
	return e.give(world.Action{Kind: world.Partition, Details: &world.Details{Groups: nodes}}, slices.Concat(groups...)...)
}

// setFault makes a fault of a link hold; one with a degree of 0 ends it.
func (e *Engine) setFault(f netsim.Fault) error {
	if err := f.Check(); err != nil {
		return err
	}
	return e.give(world.Action{Kind: world.SetFault, Details: &world.Details{Fault: f}}, f.From, f.To)
}

func (e *Engine) clearFault(kind netsim.FaultKind, from, to string) error {
	f := netsim.Fault{Kind: kind, From: from, To: to}
	return e.give(world.Action{Kind: world.ClearFault, Details: &world.Details{Fault: f}}, from, to)
}

// Cut makes the link from > to swallow every message.
func (e *Engine) Cut(from, to string) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultCut, From: from, To: to})
}

// Heal undoes a cut of the link from > to.
func (e *Engine) Heal(from, to string) error { return e.clearFault(netsim.FaultCut, from, to) }

// Delay makes messages from > to take base ± jitter longer, at most netsim.MaxDelay each; 0, 0 ends it.
func (e *Engine) Delay(from, to string, base, jitter time.Duration) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultDelay, From: from, To: to, Delay: base, Jitter: jitter})
}

// Loss loses requests from > to with a probability.
func (e *Engine) Loss(from, to string, probability float64) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultLoss, From: from, To: to, Probability: probability})
}

// LossReplies loses replies from > to with a probability.
func (e *Engine) LossReplies(from, to string, probability float64) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultReplyLoss, From: from, To: to, Probability: probability})
}

// Duplicate delivers messages from > to twice with a probability.
func (e *Engine) Duplicate(from, to string, probability float64) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultDuplicate, From: from, To: to, Probability: probability})
}

// Reorder lets messages from > to overtake each other within window; 0 ends it.
func (e *Engine) Reorder(from, to string, window time.Duration) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultReorder, From: from, To: to, Window: window})
}

// Hold makes messages from > to wait for a person.
func (e *Engine) Hold(from, to string) error {
	return e.setFault(netsim.Fault{Kind: netsim.FaultHold, From: from, To: to})
}

// Release ends the hold of the link from > to and delivers what waits there.
func (e *Engine) Release(from, to string) error { return e.clearFault(netsim.FaultHold, from, to) }

// Deliver delivers a held message.
func (e *Engine) Deliver(message uint64) error { return e.onHeld(world.Deliver, message) }

// Drop loses a held message.
func (e *Engine) Drop(message uint64) error { return e.onHeld(world.Lose, message) }

// DuplicateHeld holds a copy of a held message too.
func (e *Engine) DuplicateHeld(message uint64) (duplicate uint64, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.holds(message); err != nil {
		return 0, err
	}
	if err := e.command(world.Action{Kind: world.Duplicate, Msg: message}); err != nil {
		return 0, err
	}
	return e.world.Messages(), nil
}

func (e *Engine) onHeld(kind world.ActionKind, message uint64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.holds(message); err != nil {
		return err
	}
	return e.command(world.Action{Kind: kind, Msg: message})
}

// holds says that a message is not held.
func (e *Engine) holds(message uint64) error {
	if err := e.ready(); err != nil {
		return err
	}
	if !e.world.Holds(message) {
		return fmt.Errorf("no message %d is held", message)
	}
	return nil
}

// Switch turns a rule off, or on again, at the viewservice and all servers.
func (e *Engine) Switch(rule rules.Rule, on bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.ready(); err != nil {
		return err
	}
	return e.command(world.Action{Kind: world.SetDisabled, Details: &world.Details{Disabled: e.world.Disabled().Set(rule, !on)}})
}
