package engine

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// configWord is a part of a Config as text tells it: in the first line of a script, and in a saved world.
type configWord struct {
	name  string
	older string // its name in older files; "" if that was the same
	rare  bool   // told only where it is not as usual
	text  func(c *Config) string
	read  func(c *Config, text string) error
}

var configWords = []configWord{
	numberWord("servers", "", false, func(c *Config) *int { return &c.Servers }),
	numberWord("clients", "", false, func(c *Config) *int { return &c.Clients }),
	{
		name: "seed",
		text: func(c *Config) string { return strconv.FormatUint(c.Seed, 10) },
		read: func(c *Config, text string) (err error) {
			if c.Seed, err = strconv.ParseUint(text, 10, 64); err != nil {
				err = errNoNumber
			}
			return err
		},
	},
	timeWord("ping-interval", "ping", false, func(c *Config) *time.Duration { return &c.PingInterval }),
	numberWord("dead-pings", "dead", false, func(c *Config) *int { return &c.DeadPings }),
	numberWord("chunk-keys", "chunk", true, func(c *Config) *int { return &c.ChunkKeys }),
	numberWord("filter-clients", "filter", true, func(c *Config) *int { return &c.FilterClients }),
	timeWord("latency", "", true, func(c *Config) *time.Duration { return &c.Latency }),
}

var errNoNumber = errors.New("needs a number")

func timeWord(name, older string, rare bool, field func(*Config) *time.Duration) configWord {
	return configWord{
		name: name, older: older, rare: rare,
		text: func(c *Config) string { return field(c).String() },
		read: func(c *Config, text string) (err error) {
			if *field(c), err = time.ParseDuration(text); err != nil {
				err = errors.New("is not a time like " + name + "=100ms")
			}
			return err
		},
	}
}

func numberWord(name, older string, rare bool, field func(*Config) *int) configWord {
	return configWord{
		name: name, older: older, rare: rare,
		text: func(c *Config) string { return strconv.Itoa(*field(c)) },
		read: func(c *Config, text string) (err error) {
			if *field(c), err = strconv.Atoi(text); err != nil {
				err = errNoNumber
			}
			return err
		},
	}
}

// ConfigWords are the words that SetWord reads, up to their values: "servers=", …
func ConfigWords() (all []string) {
	for _, w := range configWords {
		all = append(all, w.name+"=")
	}
	return all
}

// SetWord sets what a word like servers=3 says. The error says in a few words what is wrong with it.
func (c *Config) SetWord(word string) error {
	name, value, _ := strings.Cut(word, "=")
	for _, w := range configWords {
		if name != "" && (name == w.name || name == w.older) {
			return w.read(c, value)
		}
	}
	names := ConfigWords()
	last := len(names) - 1
	return fmt.Errorf("is none of %s and %s", strings.Join(names[:last], ", "), names[last])
}

// Words tells the configuration in words that SetWord reads, but for the rules that are off.
func (c Config) Words() string {
	var usual Config
	var all []string
	for _, w := range configWords {
		if text := w.text(&c); !w.rare || text != w.text(&usual) {
			all = append(all, w.name+"="+text)
		}
	}
	return strings.Join(all, " ")
}
