package main

import (
	"strings"
	"sync"
	"time"

	"github.com/luthermonson/go-proxmox"
)

// talk is a console as the library hands it out.
type talk struct {
	send, heard chan []byte
	errs        chan error
	end         func() error
}

// consoles of a node, a machine and a container, at once because the library takes a second to hang up.
func (s *session) consoles() {
	vm, err := s.node.VirtualMachine(s.ctx, 101)
	must("reading a machine", err)
	ct, err := s.node.Container(s.ctx, 102)
	must("reading a container", err)
	all := []func(){
		func() {
			term, err := s.node.TermProxy(s.ctx)
			must("asking for a shell", err)
			shell("pve01", opened(s.node.TermWebSocket(term)))
		},
		func() {
			term, err := ct.TermProxy(s.ctx)
			must("asking for a container's console", err)
			shell(ct.Name, opened(ct.TermWebSocket(term)))
		},
		func() {
			vnc, err := vm.VNCProxy(s.ctx, &proxmox.VNCConfig{Websocket: true, GeneratePassword: true})
			must("asking for a screen", err)
			expect("length of its password", len(vnc.Password), 8)
			screen(opened(vm.VNCWebSocket(vnc)))
		},
	}
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(one)
	}
	group.Wait()
}

func opened(send, heard chan []byte, errs chan error, end func() error, err error) talk {
	must("opening a console", err)
	return talk{send, heard, errs, end}
}

// shell shows its prompt and what is typed.
func shell(host string, t talk) {
	t.until("root@" + host)
	t.send <- []byte("uname\n")
	t.until("uname\r\n")
	must("hanging up", t.end())
}

// screen introduces itself in the words of RFC 6143.
func screen(t talk) {
	t.until("RFB 003.008\n")
	t.send <- []byte("RFB 003.008\n")
	t.until("\x01\x02")
	must("hanging up", t.end())
}

// until reads on to a text.
func (t talk) until(text string) {
	seen, late := "", time.After(10*time.Second)
	for !strings.Contains(seen, text) {
		select {
		case more := <-t.heard:
			seen += string(more)
		case err := <-t.errs:
			must("listening for "+text, err)
		case <-late:
			fail("a console never said " + text + " but " + seen)
		}
	}
}
