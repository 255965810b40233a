// Package tui is the terminal program: it shows a cluster and turns keys into command lines. Package cli makes its
// Options and calls Run.
//
// Model is the root of a Bubble Tea program and only routes: a poll of the cluster (poller.go) brings an observation,
// which every pane takes in (package pane); keys become actions, and these command lines (actions.go, commands.go);
// arrange (layout.go) computes all rectangles, and each part of the screen is drawn into one on a canvas (package
// canvas). Nothing in Update or View waits:
//
//	for msg := range messages { // of Bubble Tea
//		model, cmd := model.Update(msg) // cmd runs in the background and comes back as a message
//		screen.Show(model.View(), model.caret)
//	}
//
// Of bubbles only textinput is used. A key.Binding can't say that its action works only now, or under another name, and
// help.Model writes styles of its own past the canvas: both would be wrapped, and more code than the table of actions.
package tui
