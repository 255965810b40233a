package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"cluster/splitbrain/netsim"
	"cluster/splitbrain/netsim/engine/spelling"
	"cluster/splitbrain/tui/canvas"
	"cluster/splitbrain/tui/script"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// choice is what somebody may choose once for all screens: by a line of a file, a variable of the environment, or a flag,
// the later before the earlier.
type choice struct {
	name, flag string
	check      func(p *playground, value string) (asFlag string, err error)
}

// choices are all that there are.
var choices = []choice{
	{"theme", "theme", func(_ *playground, v string) (string, error) { return v, themeError(v) }},
	{"ascii", "ascii", func(_ *playground, v string) (string, error) { return onOff(v, true) }},
	{"mouse", "no-mouse", func(_ *playground, v string) (string, error) { return onOff(v, false) }},
	{"latency", "latency", (*playground).latencyOf},
	{"speed", "speed", (*playground).speedOf},
}

// variable is the environment variable of a choice.
func (c *choice) variable() string { return "SPLITBRAIN_" + strings.ToUpper(c.name) }

func themeError(name string) error {
	if canvas.CheckTheme(name) != nil {
		return errors.New("must be auto, light, dark or mono")
	}
	return nil
}

// onOff reads a switch, as the flag that is set when the switch is.
func onOff(value string, when bool) (string, error) {
	switch strings.ToLower(value) {
	case "on", "yes", "true", "1":
		return strconv.FormatBool(when), nil
	case "off", "no", "false", "0":
		return strconv.FormatBool(!when), nil
	}
	return "", errors.New("must be on or off")
}

func (p *playground) latencyOf(value string) (string, error) {
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > p.config.PingInterval/2 {
		return "", fmt.Errorf("must be a time such as 5ms, up to half of the ping interval, %v", p.config.PingInterval)
	}
	return value, nil
}

func (p *playground) speedOf(value string) (string, error) {
	most := netsim.MaxLiveSpeed
	if p.sim {
		most = netsim.MaxSpeed
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= netsim.MinSpeed && v <= float64(most)) {
		return "", fmt.Errorf("must be %v to %v", netsim.MinSpeed, most)
	}
	return value, nil
}

// chosen is a choice with its value, and where that is from.
type chosen struct {
	*choice
	value, from string
}

// choose sets the flags that nobody has given to what the environment, or else a file, chooses. What is wrong there is left
// out and told, a line for each.
func (p *playground) choose(flags *pflag.FlagSet, getenv func(string) string, file string) (all []chosen, wrong []string) {
	lines, wrong := readChoices(file)
	for i := range choices {
		c := &choices[i]
		is := chosen{choice: c, from: "default"}
		offers := append(lines[c.name], choiceLine{value: getenv(c.variable()), at: c.variable()})
		for _, o := range slices.Backward(offers) {
			if o.value == "" || flags.Changed(c.flag) {
				continue
			}
			value, err := c.check(p, o.value)
			if err == nil {
				err = flags.Set(c.flag, value)
			}
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s: %s %q: %v", o.at, c.name, o.value, err))
				continue
			}
			is.from = o.at
		}
		if is.from == "default" && flags.Changed(c.flag) {
			is.from = "--" + c.flag
		}
		is.value = p.valueOf(c, flags)
		all = append(all, is)
	}
	return all, wrong
}

// valueOf is what holds for a choice.
func (p *playground) valueOf(c *choice, flags *pflag.FlagSet) string {
	value := flags.Lookup(c.flag).Value.String()
	onOff := map[string]string{"true": "on", "false": "off"}
	switch {
	case c.flag == "no-mouse":
		return map[string]string{"true": "off", "false": "on"}[value]
	case c.name == "latency" && !flags.Changed(c.flag):
		return seenLatency(p.config.PingInterval).String()
	}
	return cmp.Or(onOff[value], value)
}

func choiceNames() []string {
	names := make([]string, len(choices))
	for i := range choices {
		names[i] = choices[i].name
	}
	return names
}

// choicesFile is where choices are kept; "" where the user has no folder for that.
func choicesFile() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "splitbrain", "config")
}

// choiceLine is a value, and where it stands.
type choiceLine struct{ value, at string }

// readChoices reads a file of lines such as theme = light, by the names of the choices. Of several for one choice the last that
// is right counts. A file that is not there chooses nothing. What is wrong in it is left out and told, a line for each.
func readChoices(file string) (lines map[string][]choiceLine, wrong []string) {
	text, err := choicesText(file)
	if err != nil {
		return nil, []string{err.Error()}
	}
	names := choiceNames()
	lines = map[string][]choiceLine{}
	for i, line := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", file, i+1)
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || name == "" || value == "":
			wrong = append(wrong, fmt.Sprintf("%s: %s is not of the form theme = light", at, script.Quote(line)))
		case !slices.Contains(names, name):
			wrong = append(wrong, fmt.Sprintf("%s: no choice %q: %s", at, name, spelling.Meant(name, names)))
		default:
			lines[name] = append(lines[name], choiceLine{value, at})
		}
	}
	return lines, wrong
}

// choicesText is what stands in the file; "" if it is not there.
func choicesText(file string) (string, error) {
	const most = 64 << 10
	if file == "" {
		return "", nil
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: is no file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("%s: is longer than %d KiB", file, most>>10)
	}
	return string(text), err
}

// toldWrong is what is wrong with choices in one line; "" if nothing is.
func toldWrong(wrong []string) string {
	switch len(wrong) {
	case 0:
		return ""
	case 1:
		return "left out: " + wrong[0]
	}
	return fmt.Sprintf("left out: %s (and %d more: splitbrain config)", wrong[0], len(wrong)-1)
}

func newConfig() *cobra.Command {
	p := freshPlayground()
	c := &cobra.Command{
		Use:   "config",
		Short: "show what is chosen for the screen, and where",
		Long: "Theme, ASCII, mouse, latency and speed can be chosen once for all: by lines such as theme = light in a file, by variables " +
			"such as SPLITBRAIN_THEME, which go before the file, and by flags, which go before both. This shows what holds, in the form of " +
			"that file. Only the screen heeds these choices.",
		Example: "  splitbrain config\n  SPLITBRAIN_THEME=light splitbrain config",
		Args:    noWords,
	}
	c.Flags().SortFlags = false
	all := &cobra.Command{}
	p.flags(all)
	all.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "ping-interval" || f.Name == "sim" || slices.ContainsFunc(choices, func(c choice) bool { return c.flag == f.Name }) {
			c.Flags().AddFlag(f)
		}
	})
	c.RunE = func(c *cobra.Command, _ []string) error {
		file := choicesFile()
		all, wrong := p.choose(c.Flags(), os.Getenv, file)
		if err := cmp.Or(p.config.Validate(), p.checkLooks()); err != nil {
			return err
		}
		where := cmp.Or(file, "no folder for a file of choices")
		if _, err := os.Stat(file); file != "" && err != nil {
			where += ", which is not there"
		}
		out := c.OutOrStdout()
		fmt.Fprintf(out, "# %s\n", where)
		for _, is := range all {
			fmt.Fprintf(out, "%-7s = %-8s # %s\n", is.name, is.value, is.from)
		}
		for _, text := range wrong {
			fmt.Fprintf(out, "# left out: %s\n", text)
		}
		if len(wrong) > 0 {
			return &exit{code: 2}
		}
		return nil
	}
	return c
}
