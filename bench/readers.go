package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// rtspReaders pulls n leases over TCP and throws the bytes away.
func rtspReaders(ctx context.Context, urls []string) (*atomic.Int64, func(), error) {
	var got atomic.Int64
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	stop := func() { cancel(); wg.Wait() }
	for _, u := range urls {
		parsed, err := url.Parse(u)
		if err != nil {
			stop()
			return nil, nil, err
		}
		fd, _, err := floorDial(parsed.Host, u)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("reader of %s: %w", parsed.Host, err)
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			drain(ctx, fd, &got)
		}()
	}
	return &got, stop, nil
}

// hlsReaders follow a low-latency playlist as hls.js does: a blocking reload per part, then the part.
// client gives each reader its own.
func hlsReaders(ctx context.Context, client func() *http.Client, playlists []string) (*atomic.Int64, func(), error) {
	var got atomic.Int64
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	for _, p := range playlists {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_ = followHLS(ctx, client(), p, &got)
		}()
	}
	return &got, func() { cancel(); wg.Wait() }, nil
}

func followHLS(ctx context.Context, client *http.Client, playlist string, got *atomic.Int64) error {
	base, err := url.Parse(playlist)
	if err != nil {
		return err
	}
	next := playlist
	seen := ""
	for ctx.Err() == nil {
		body, err := fetchAll(ctx, client, next)
		if err != nil {
			if ctx.Err() == nil {
				time.Sleep(100 * time.Millisecond)
			}
			continue
		}
		part, msn, number := lastPart(body)
		if part != "" && part != seen {
			seen = part
			ref, err := base.Parse(part)
			if err != nil {
				return err
			}
			media, err := fetchAll(ctx, client, ref.String())
			if err == nil {
				got.Add(int64(len(media)))
			}
		}
		q := base.Query()
		q.Set("_HLS_msn", fmt.Sprint(msn))
		q.Set("_HLS_part", fmt.Sprint(number+1))
		u := *base
		u.RawQuery = q.Encode()
		next = u.String()
	}
	return ctx.Err()
}

// lastPart finds the newest part, the media sequence number it belongs to, and its number in there.
func lastPart(playlist string) (uri string, msn, number int) {
	number = -1
	lines := bufio.NewScanner(strings.NewReader(playlist))
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#EXT-X-MEDIA-SEQUENCE:"):
			_, _ = fmt.Sscanf(line, "#EXT-X-MEDIA-SEQUENCE:%d", &msn)
		case strings.HasPrefix(line, "#EXT-X-PART:"):
			if _, rest, ok := strings.Cut(line, `URI="`); ok {
				uri, _, _ = strings.Cut(rest, `"`)
				number++
			}
		case line != "" && line[0] != '#':
			msn++
			number = -1
		}
	}
	return uri, msn, number
}

func fetchAll(ctx context.Context, client *http.Client, u string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", u, resp.Status)
	}
	return string(raw), err
}

// readerClient has one connection, as each browser has, and the guard's cookies; under TLS it speaks HTTP/2, as they do.
func readerClient(jar http.CookieJar) *http.Client {
	return &http.Client{Jar: jar, Transport: &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSClientConfig: anyCertificate, ForceAttemptHTTP2: true,
	}}
}

// anyCertificate: the server's authority is made anew for each run.
var anyCertificate = &tls.Config{InsecureSkipVerify: true}
