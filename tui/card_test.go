package tui

import (
	"strings"
	"testing"

	"cluster/splitbrain/viewservice/rules"

	tea "github.com/charmbracelet/bubbletea"
)

// TestCardOfTheWhyLine: a key explains what the line that says why cites, and goes on to the others.
func TestCardOfTheWhyLine(t *testing.T) {
	m, _ := begin(t, countdown(), 80, 24, Options{})
	press(m, "e")
	first := m.now.Why.Rules[0]
	one, _ := rules.CardOf(string(first))
	if rowWith(m, "["+string(first)+" "+one.Title+"]") == "" || rowWith(m, "without it") == "" {
		t.Fatalf("%v is not explained:\n%s", first, m.View())
	}
	press(m, "right")
	if rowWith(m, "also on the screen: "+string(first)) == "" {
		t.Errorf("→ does not lead to another rule on the screen:\n%s", m.View())
	}
	for range rules.Cards() {
		press(m, "right")
	}
	press(m, "left", "esc")
	if m.dialog != nil || rowWith(m, "[maps]") == "" {
		t.Errorf("esc does not close it:\n%s", m.View())
	}
}

// TestCardDoors: a card leads to a lesson, to what happens without the rule, and to its switch.
func TestCardDoors(t *testing.T) {
	for door, want := range map[int]string{0: ": open quick-restart", 2: ": open continuity", 3: ": rule continuity off▏"} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		_ = m.openCard("V5")
		for range door {
			press(m, "down")
		}
		m.Update(keyMsg("enter")) // what it begins is not carried out
		if rowWith(m, want) == "" || m.dialog != nil && door < 3 {
			t.Errorf("door %d leads not to %q:\n%s", door, want, m.View())
		}
	}
	m, _ := begin(t, steady(), 80, 24, Options{})
	_ = m.openCard("V5")
	m.stale = true
	click(m, 20, rowOf(m, "rule continuity off"), tea.MouseButtonLeft)
	if rowWith(m, ": rule continuity off▏") == "" {
		t.Errorf("a click does not open a door:\n%s", m.View())
	}
}

// TestCardByMouse: a rule's name is explained where it is clicked, and nothing beside it.
func TestCardByMouse(t *testing.T) {
	m, _ := begin(t, steady(), 80, 24, Options{})
	y := rowOf(m, "(S5)")
	x := len([]rune(rowWith(m, "(S5)"))) - len([]rune(rowWith(m, "(S5)")[strings.Index(rowWith(m, "(S5)"), "(S5)"):]))
	for _, beside := range []int{x, x + 3} {
		if click(m, beside, y, tea.MouseButtonLeft); m.dialog != nil {
			t.Fatalf("a click at %d, beside the name, opens something:\n%s", beside, m.View())
		}
	}
	if click(m, x+2, y, tea.MouseButtonLeft); rowWith(m, "[S5 One order]") == "" {
		t.Errorf("a click does not explain:\n%s", m.View())
	}
}

// TestCardAsked: the prompt and the palette open the same card.
func TestCardAsked(t *testing.T) {
	for _, keys := range [][]string{{":", "h", "e", "l", "p", " ", "v", "1", "0", "enter"}, {"ctrl+p", "V", "1", "0", "enter"}} {
		m, _ := begin(t, steady(), 80, 24, Options{})
		press(m, keys...)
		if rowWith(m, "[V10 Backup given up]") == "" {
			t.Errorf("%q does not open the card:\n%s", keys, m.View())
		}
	}
}

// TestCardWhileCovered: while a question is open, what is covered is not told by which card comes first.
func TestCardWhileCovered(t *testing.T) {
	m, _ := begin(t, countdown(), 80, 24, Options{})
	m.now.Covered, m.stale = true, true
	for _, ref := range m.rulesShown() {
		if m.now.Why.Rules.Has(ref) && !strings.Contains(m.View(), string(ref)) {
			t.Errorf("%s is told", ref)
		}
	}
	m.now.Covered = false
	if got := m.rulesShown(); len(got) == 0 || got[0] != m.now.Why.Rules[0] {
		t.Errorf("then it is %v", got)
	}
}

// TestCardsFit: at 80×24 every card has its whole text, and a door is chosen; in any size nothing overflows.
func TestCardsFit(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {38, 9}, {12, 4}} {
		m, _ := begin(t, steady(), size[0], size[1], Options{})
		for _, c := range rules.Cards() {
			_ = m.openCard(c.Ref)
			for range 4 {
				press(m, "down")
				if wrong := wrongFrame(m.View(), size[0], size[1], m.opts); wrong != "" {
					t.Fatalf("%s at %v: %s", c.Ref, size, wrong)
				}
			}
			shown := strings.Join(strings.Fields(unstyled(m.View())), " ")
			if size[0] == 80 && (!strings.Contains(shown, c.Says) || !strings.Contains(shown, c.Without) || !strings.Contains(shown, "▸ ")) {
				t.Errorf("%s is not whole:\n%s", c.Ref, m.View())
			}
		}
	}
}
