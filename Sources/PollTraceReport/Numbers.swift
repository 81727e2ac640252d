/// How numbers are written for people: fixed decimals, thousands, and times in a fitting unit.
package enum Numbers {
}
