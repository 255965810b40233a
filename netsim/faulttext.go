package netsim

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// String says the fault in the words of the command language: "delay s1 s2 200ms±50ms".
func (f Fault) String() string {
	row := f.Kind.Row()
	words := []string{cmp.Or(row.Command, f.Kind.String()), f.From}
	if row.BothWays {
		words = append(words, ">")
	}
	if !row.OnNode {
		words = append(words, f.To)
	}
	if number := f.Number(); number != "" && (row.Degree != WindowDegree || f.Window != DefaultWindow) {
		words = append(words, number)
	}
	if row.Option != "" {
		words = append(words, row.Option)
	}
	return strings.Join(words, " ")
}

// Effect says what the link or the node does that has the fault: "loses 30% of requests". Of a degree of 0 it is what a
// whole one does: "no longer loses requests".
func (f Fault) Effect() string {
	row := f.Kind.Row()
	if f.isNone() {
		return row.Ends
	}
	return strings.Replace(row.begins, "%s", f.degree(), 1)
}

// degree says how bad it is: "30% of requests"; "" if there is nothing to say.
func (f *Fault) degree() string {
	return strings.Replace(f.Kind.Row().degree, "%s", f.Number(), 1)
}

// Number is the degree as String has it, "200ms±50ms"; "" if the fault has none.
func (f Fault) Number() string {
	switch f.Kind.Row().Degree {
	case DelayDegree:
		if f.Jitter != 0 {
			return f.Delay.String() + "±" + f.Jitter.String()
		}
		return f.Delay.String()
	case PercentDegree:
		return percent(f.Probability)
	case WindowDegree:
		return f.Window.String()
	}
	return ""
}

// percent writes a probability so that ParsePercent returns the very same one.
func percent(p float64) string {
	mantissa, exponent, scientific := strings.Cut(strconv.FormatFloat(p, 'e', -1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if !scientific || err != nil || p == 0 { // NaN and infinities too
		return mantissa + "%"
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	sign := ""
	if p < 0 {
		sign, digits = "-", digits[1:]
	}
	switch point := e + 3; {
	case point <= 0:
		digits = "0." + strings.Repeat("0", -point) + digits
	case point < len(digits):
		digits = digits[:point] + "." + digits[point:]
	default:
		digits += strings.Repeat("0", point-len(digits))
	}
	return sign + digits + "%"
}

// ParsePercent reads "12.5%" as a probability.
func ParsePercent(text string) (float64, error) {
	number, ok := strings.CutSuffix(text, "%")
	if p, err := strconv.ParseFloat(number+"e-2", 64); ok && err == nil { // exact, which a division is not
		return p, nil
	}
	p, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return 0, fmt.Errorf("%q is not a percentage like 30%%", text)
	}
	return p / 100, nil
}
