package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestChoices: a flag goes before the environment, that before the file, and what is wrong is left out and told.
func TestChoices(t *testing.T) {
	for name, c := range map[string]struct {
		file  string
		env   map[string]string
		flags []string
		want  map[string]string // name: value and where it is from
		wrong string
	}{
		"nothing":     {want: map[string]string{"theme": "auto default", "ascii": "off default", "mouse": "on default", "latency": "5ms default", "speed": "1 default"}},
		"a file":      {file: "# mine\n theme = light # for the room\n\nascii=on\nmouse = off\nlatency = 20ms\nspeed = 0.5\n", want: map[string]string{"theme": "light FILE:2", "ascii": "on FILE:4", "mouse": "off FILE:5", "latency": "20ms FILE:6", "speed": "0.5 FILE:7"}},
		"environment": {file: "theme = light", env: map[string]string{"SPLITBRAIN_THEME": "dark", "SPLITBRAIN_MOUSE": "no"}, want: map[string]string{"theme": "dark SPLITBRAIN_THEME", "mouse": "off SPLITBRAIN_MOUSE"}},
		"flags": {file: "theme = light\nspeed = 2\nmouse=off", env: map[string]string{"SPLITBRAIN_THEME": "dark"}, flags: []string{"--theme", "mono", "--speed=3", "--no-mouse=false"},
			want: map[string]string{"theme": "mono --theme", "speed": "3 --speed", "mouse": "on --no-mouse"}},
		"a wrong value": {file: "theme = blue\nascii = on", want: map[string]string{"theme": "auto default", "ascii": "on FILE:2"}, wrong: `FILE:1: theme "blue"`},
		"too fast":      {file: "speed = 100", want: map[string]string{"speed": "1 default"}, wrong: "must be 0.01 to 10"},
		"simulated":     {file: "speed = 100", flags: []string{"--sim"}, want: map[string]string{"speed": "100 FILE:1"}},
		"too late":      {file: "latency = 60ms", want: map[string]string{"latency": "5ms default"}, wrong: "up to half of the ping interval, 100ms"},
		"a wrong name":  {file: "them = light", want: map[string]string{"theme": "auto default"}, wrong: `did you mean theme?`},
		"no line":       {file: "light\nascii = on", want: map[string]string{"ascii": "on FILE:2"}, wrong: "FILE:1: light is not of the form"},
		"several wrong": {file: "light\nthem = light\nascii = on\nspeed = fast", want: map[string]string{"ascii": "on FILE:3"}, wrong: "FILE:1: light is not of the form theme = light (and 2 more:"},
		"right earlier": {file: "theme = dark\ntheme = light\ntheme = blue", want: map[string]string{"theme": "light FILE:2"}, wrong: `FILE:3: theme "blue"`},
		"too long":      {file: "theme = light\n" + strings.Repeat("# \n", 25_000), want: map[string]string{"theme": "auto default"}, wrong: "FILE: is longer than 64 KiB"},
		"wrong there, right here": {file: "theme = light", env: map[string]string{"SPLITBRAIN_THEME": "\x1b[2J"}, want: map[string]string{"theme": "light FILE:1"},
			wrong: `SPLITBRAIN_THEME: theme "\x1b[2J"`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config")
			if c.file != "" {
				if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p := freshPlayground()
			flags := p.command().Flags()
			if err := flags.Parse(c.flags); err != nil {
				t.Fatal(err)
			}
			all, wrong := p.choose(flags, func(name string) string { return c.env[name] }, file)
			is := map[string]string{}
			for _, one := range all {
				is[one.name] = one.value + " " + strings.ReplaceAll(one.from, file, "FILE")
			}
			for name, want := range c.want {
				if is[name] != want {
					t.Errorf("%s is %q, want %q", name, is[name], want)
				}
			}
			if told := strings.ReplaceAll(toldWrong(wrong), file, "FILE"); !strings.Contains(told, c.wrong) || c.wrong == "" && told != "" {
				t.Errorf("told is %q, want %q", told, c.wrong)
			}
		})
	}
}

// TestConfigCommand: what is shown is a file of choices itself, and says where one would be.
func TestConfigCommand(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} { // one for each system
		t.Setenv(name, home)
	}
	t.Setenv("SPLITBRAIN_THEME", "light")
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		c := newConfig()
		c.SilenceUsage, c.SilenceErrors = true, true
		c.SetArgs(args)
		c.SetOut(&out)
		err := c.Execute()
		return out.String(), err
	}
	show := func() string {
		out, err := run("--speed", "2")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first, file := show(), choicesFile()
	if !strings.HasPrefix(first, "# "+file+", which is not there\n") || !strings.Contains(first, "# SPLITBRAIN_THEME") || !strings.Contains(first, "# --speed") {
		t.Errorf("it shows\n%s", first)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SPLITBRAIN_THEME", "")
	if again := show(); !strings.Contains(again, "= light    # "+file+":2") {
		t.Errorf("from its own output it makes\n%s", again)
	}
	for args, want := range map[string]string{
		"--speed nan": "--speed NaN: must be", "--speed 20": "without --sim", "--theme foo": `theme "foo"`, "--latency 5h": "latency 5h0m0s: must be",
		"--ping-interval 0s": "ping interval 0s: must be", "--servers 99": "unknown flag",
	} {
		if out, err := run(strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%s: %v, shows %q", args, err, out)
		}
	}
	for _, name := range []string{"XDG_CONFIG_HOME", "HOME", "AppData"} {
		t.Setenv(name, "")
	}
	if homeless := show(); !strings.HasPrefix(homeless, "# no folder for a file of choices\n") {
		t.Errorf("without a home it shows\n%s", homeless)
	}
}
