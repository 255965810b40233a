package tui

import (
	"go/ast"
	"go/types"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/tools/go/packages"
)

// TestNoCommandIsDropped: a command that is not handed back to Bubble Tea never runs, and if it was a look at the cluster
// no other one follows: the screen stands still for ever. Whoever may drop one says so by assigning it to _.
func TestNoCommandIsDropped(t *testing.T) {
	all, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, ".")
	if err != nil || len(all) != 1 || len(all[0].Errors) > 0 {
		t.Fatal(all, err)
	}
	p, calls := all[0], 0
	for _, file := range p.Syntax {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && isCommand(p.TypesInfo.TypeOf(call)) {
				calls++
			}
			if s, ok := n.(*ast.ExprStmt); ok && isCommand(p.TypesInfo.TypeOf(s.X)) {
				t.Errorf("%v: the command is dropped", p.Fset.Position(s.Pos()))
			}
			return true
		})
	}
	if calls < 50 {
		t.Errorf("only %d calls return commands", calls)
	}
}

func isCommand(t types.Type) bool {
	return t != nil && t.String() == "github.com/charmbracelet/bubbletea.Cmd"
}

// TestLooksGoOnAfterAFilter: whatever ends the line of a filter, the cluster is looked at again.
func TestLooksGoOnAfterAFilter(t *testing.T) {
	for _, keys := range [][]string{{"esc"}, {"x", "esc"}, {"x", "enter"}, {"x", "ctrl+u", "enter"}, {"x", "enter", "esc"}} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		m.poll.timer = func(_ time.Duration, due func(time.Time) tea.Msg) tea.Cmd {
			return func() tea.Msg { return due(time.Now()) }
		}
		var todo []tea.Cmd
		for _, key := range append([]string{"/"}, keys...) {
			m.poll.began = time.Time{} // long ago: the next look begins at once
			_, cmd := m.Update(keyMsg(key))
			todo = append(todo, cmd)
		}
		looks := 0
		for ; len(todo) > 0 && looks < 5; todo = todo[1:] {
			if todo[0] == nil {
				continue
			}
			switch msg := todo[0]().(type) {
			case tea.BatchMsg:
				todo = append(todo, msg...)
			case pollResult:
				looks++
				_, cmd := m.Update(msg)
				todo = append(todo, cmd)
			default:
				_, cmd := m.Update(msg)
				todo = append(todo, cmd)
			}
		}
		if looks < 5 {
			t.Errorf("after %v the cluster is looked at %d times, and never again", keys, looks)
		}
	}
}
