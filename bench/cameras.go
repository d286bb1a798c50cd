package main

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// channels a recorder may have, by the register.
const channels = 200

// addRecorder registers the simulator as one recorder; the nth has an address of its own.
func (s *server) addRecorder(operator *http.Client, sim *simulator, nth int) (string, error) {
	_, portText, err := net.SplitHostPort(sim.addr)
	if err != nil {
		return "", err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return "", err
	}
	var out struct {
		ID string `json:"id"`
	}
	err = call(operator, "POST", s.url+"/api/devices", map[string]any{
		"kind": "recorder", "name": fmt.Sprintf("simulator %d", nth), "host": fmt.Sprintf("127.0.0.%d", 1+nth), "port": port, "channels": channels, "transport": "tcp",
	}, &out)
	return out.ID, err
}

// addCamera registers one channel.
func (s *server) addCamera(operator *http.Client, device string, i int, sub bool) (string, error) {
	in := map[string]any{
		"device": device, "channel": i%channels + 1, "name": fmt.Sprintf("Camera %d", i), "area": "North car park", "area_kind": "car-park",
		"angle": "from the lamp post over the bays", "range": "30 m", "reason": "measuring the software", "common": true,
		"basis": "owners", "retention_main_days": 30, "retention_sub_days": 30, "sign": "-", "call_note": "-",
		"main": fmt.Sprintf("/cam%04d/main", i),
	}
	if sub {
		in["sub"] = fmt.Sprintf("/cam%04d/sub", i)
	}
	var out struct {
		ID string `json:"id"`
	}
	err := call(operator, "POST", s.url+"/api/cameras", in, &out)
	return out.ID, err
}
