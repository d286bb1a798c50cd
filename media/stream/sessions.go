package stream

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// sessions remembers what cameras call the sessions that are open, in a file, so that the next process can end those that a crash or a power cut left behind. Cameras
// have few of them, and free one that nobody ends only after a minute or more. The file has ids only: neither addresses nor secrets.
type sessions struct {
	file string // "" = nothing is kept

	saving sync.Mutex // one at a time writes the file

	mu    sync.Mutex
	open  map[string]string // by stream, of this process
	left  map[string]string // of the one before
	dirty bool
}

// openSessions reads what an earlier process left. A file that cannot be read is as good as none: cameras free their sessions by themselves, only later.
func openSessions(file string) *sessions {
	m := &sessions{file: file, open: map[string]string{}, left: map[string]string{}}
	if file == "" {
		return m
	}
	if b, err := os.ReadFile(file); err == nil && json.Unmarshal(b, &m.left) != nil {
		m.left = map[string]string{}
	}
	return m
}

// leftBehind is the id of a session of an earlier process; "": none.
func (m *sessions) leftBehind(id ID) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.left[id.String()]
}

// ended forgets a session of an earlier process.
func (m *sessions) ended(id ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.left[id.String()]; ok {
		delete(m.left, id.String())
		m.dirty = true
	}
}

// giveUp forgets what is left of the earlier process: who could not be reached for so long has freed it.
func (m *sessions) giveUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dirty = m.dirty || len(m.left) > 0
	clear(m.left)
}

// began notes a session; "" that it is over.
func (m *sessions) began(id ID, session string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open[id.String()] == session {
		return
	}
	if m.dirty = true; session == "" {
		delete(m.open, id.String())
	} else {
		m.open[id.String()] = session
	}
}

// save writes the file anew where something changed; one that would be empty goes.
func (m *sessions) save() error {
	m.saving.Lock()
	defer m.saving.Unlock()
	m.mu.Lock()
	if m.file == "" || !m.dirty {
		m.mu.Unlock()
		return nil
	}
	m.dirty = false
	all := make(map[string]string, len(m.left)+len(m.open))
	for _, from := range []map[string]string{m.left, m.open} {
		for k, v := range from {
			all[k] = v
		}
	}
	m.mu.Unlock()
	if len(all) == 0 {
		if err := os.Remove(m.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(m.file+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(m.file+".new", m.file)
}
