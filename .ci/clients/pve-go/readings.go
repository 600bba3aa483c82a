package main

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/luthermonson/go-proxmox"
)

var errNotARead = errors.New("this would change something")

// wrong are methods that need not succeed, with what they say when they do not: what the product answers there, in the
// product's types, is not what the library expects, or depends on who asks, or asks for more than the library sends.
var wrong = map[string]string{
	"Client.CreateSession":      "session already exists",
	"Client.RefreshTicket":      "no current session to refresh",
	"Cluster.BackupInfoSubdirs": "not authorized",
	"Cluster.Backups":           "ClusterBackup.prune-backups of type string",
	"Cluster.CephFlags":         "CephFlag.value of type bool",
	"Cluster.CephMetadata":      "CephMetadata.mon of type []map[string]interface {}",
	"Cluster.ClusterOptions":    "migration of type string",
	"Cluster.HAGroups":          "500 cannot index groups: ha groups have been migrated to rules",
	"Container.Feature":         "bad request: 400",
	"Container.Firewall":        "cannot unmarshal array",
	"Node.APTRepositories":      "Enabled of type bool",
	"Node.IPAM":                 "500 Currently only PVE IPAM is supported!",
	"Storage.Status":            "cannot unmarshal array",
	"VirtualMachine.Firewall":   "cannot unmarshal array",
}

// readings calls everything of the library that needs nothing but its object and sends GET: its types are strict, so
// that an answer of another type is an error. How many they are is the answer.
func (s *session) readings() int {
	onlyReads := proxmox.WithRequestInterceptor(func(request *http.Request) error {
		if request.Method != http.MethodGet {
			return errNotARead
		}
		return nil
	})
	onlyReads(s.client)
	vm, err := s.node.VirtualMachine(s.ctx, 101)
	must("reading a machine", err)
	ct, err := s.node.Container(s.ctx, 102)
	must("reading a container", err)
	storage, err := s.node.Storage(s.ctx, "local")
	must("reading a storage", err)
	user, err := s.client.User(s.ctx, "root@pam")
	must("reading a user", err)
	count := 0
	for _, object := range []any{s.client, s.cluster, s.node, vm, ct, storage, user} {
		count += s.readAll(reflect.ValueOf(object))
	}
	return count
}

func (s *session) readAll(object reflect.Value) int {
	count, kind := 0, object.Type()
	for i := range kind.NumMethod() {
		method := object.Method(i)
		takes := method.Type()
		takesOnlyContext := takes.NumIn() == 1 && takes.In(0) == reflect.TypeFor[context.Context]()
		if !takesOnlyContext || takes.NumOut() == 0 || takes.Out(takes.NumOut()-1) != reflect.TypeFor[error]() {
			continue
		}
		out := method.Call([]reflect.Value{reflect.ValueOf(s.ctx)})
		err, _ := out[len(out)-1].Interface().(error)
		name := kind.Elem().Name() + "." + kind.Method(i).Name
		switch text, isKnown := wrong[name]; {
		case errors.Is(err, errNotARead):
			continue
		case isKnown && err != nil:
			refused(name, err, text)
		default:
			must(name, err)
		}
		count++
	}
	return count
}
