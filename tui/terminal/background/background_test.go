package background

import "testing"

func TestOfEnvironment(t *testing.T) {
	for env, want := range map[string]Shade{
		"": Unknown, "15;0": Dark, "7;8": Dark, "0;15": Light, "0;7": Light, "0;default;15": Light, "12;default": Unknown, ";": Unknown,
		"15;": Unknown, "0": Dark, "\x1b;\x1b": Unknown, "0;99": Unknown, "0;-1": Unknown,
	} {
		if got := OfEnvironment(env); got != want {
			t.Errorf("OfEnvironment(%q) = %v, want %v", env, got, want)
		}
	}
}

func TestOfAnswer(t *testing.T) {
	for color, want := range map[string]Shade{
		"rgb:1e1e/1e1e/2e2e": Dark, "rgb:ffff/ffff/ffff": Light, "rgb:fd/f6/e3": Light, "rgb:0000/2b2b/3636": Dark, "rgba:0000/0000/0000/ffff": Dark,
		"#ffffff": Light, "": Unknown, "?": Unknown, "rgb:": Unknown, "mauve": Unknown,
	} {
		if got := OfAnswer(color); got != want {
			t.Errorf("OfAnswer(%q) = %v, want %v", color, got, want)
		}
	}
}

func TestColourless(t *testing.T) {
	for _, c := range []struct {
		term, clicolor string
		want           bool
	}{
		{"xterm-256color", "", false}, {"xterm", "0", true}, {"xterm", "1", false}, {"vt100", "", true}, {"xterm-mono", "", true}, {"linux-m", "", true},
		{"dumb", "", true}, {"tmux-256color", "", false}, {"", "", false},
	} {
		env := map[string]string{"TERM": c.term, "CLICOLOR": c.clicolor}
		if got := Colourless(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
