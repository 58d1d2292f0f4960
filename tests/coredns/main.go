// A CoreDNS of what the comparison needs and nothing else: the plugin under study, what stands before and behind it, and what
// tells a mistake. All of CoreDNS brings Kubernetes' client along and takes many times as long to build.
package main

import (
	"runtime/debug"

	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/etcd"
	_ "github.com/coredns/coredns/plugin/file"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/log"

	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
)

func init() {
	// In the order of CoreDNS's plugin.cfg.
	dnsserver.Directives = []string{"bind", "errors", "log", "cache", "file", "etcd", "forward"}
}

func main() {
	// An alias that goes round through two zones has no end but the stack's. Go gives it 1 GB, which the machine may
	// not have.
	debug.SetMaxStack(4 << 20)
	coremain.Run()
}
