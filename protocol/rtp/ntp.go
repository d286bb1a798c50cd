package rtp

// ntpEpoch is 1970 counted in seconds since 1900.
const ntpEpoch = 2208988800

// NTP turns Unix nanoseconds into the 32.32 format of sender reports.
func NTP(unixNanos int64) uint64 {
	sec := unixNanos / 1e9
	frac := unixNanos % 1e9
	if frac < 0 {
		sec, frac = sec-1, frac+1e9
	}
	// the fraction is rounded up, so that going there and back loses nothing
	return uint64(sec+ntpEpoch)<<32 | (uint64(frac)<<32+1e9-1)/1e9
}

// UnixNanos turns the 32.32 format into Unix nanoseconds. Seconds below 2^31 are taken to be past 2036, when the count starts anew.
func UnixNanos(ntp uint64) int64 {
	sec := int64(ntp >> 32)
	if sec < 1<<31 {
		sec += 1 << 32
	}
	return (sec-ntpEpoch)*1e9 + int64(ntp&0xffffffff*1e9>>32)
}
