// One reconciliation of external-dns, made of its own provider, registry and plan: what its controller does in RunOnce, with the
// wanted endpoints from a file in place of a cluster. All of external-dns brings every cloud's client along.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/sirupsen/logrus"
	"sigs.k8s.io/external-dns/endpoint"
	"sigs.k8s.io/external-dns/pkg/apis/externaldns"
	"sigs.k8s.io/external-dns/plan"
	"sigs.k8s.io/external-dns/provider"
	"sigs.k8s.io/external-dns/provider/coredns"
	"sigs.k8s.io/external-dns/registry/txt"
)

func main() {
	wanted := flag.String("wanted", "", "file with the wanted endpoints as a JSON list")
	prefix := flag.String("prefix", "/coredns/", "--coredns-prefix")
	owner := flag.String("owner", "default", "--txt-owner-id")
	strict := flag.Bool("strictly-owned", false, "--coredns-strictly-owned")
	policy := flag.String("policy", "sync", "--policy")
	flag.Parse()
	// Keys that it sets and deletes are logged at this level; stdout has the changes alone.
	logrus.SetOutput(os.Stderr)
	logrus.SetLevel(logrus.InfoLevel)
	changes, err := reconcile(context.Background(), *wanted, &externaldns.Config{
		CoreDNSPrefix:        *prefix,
		CoreDNSStrictlyOwned: *strict,
		TXTOwnerID:           *owner,
		ManagedDNSRecordTypes: []string{
			endpoint.RecordTypeA, endpoint.RecordTypeAAAA, endpoint.RecordTypeCNAME,
			endpoint.RecordTypeTXT, endpoint.RecordTypeSRV, endpoint.RecordTypePTR,
		},
	}, *policy)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(changes)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Controller.RunOnce of controller/controller.go.
func reconcile(ctx context.Context, wanted string, cfg *externaldns.Config, policy string) (*plan.Changes, error) {
	text, err := os.ReadFile(wanted)
	if err != nil {
		return nil, err
	}
	var desired []*endpoint.Endpoint
	if err := json.Unmarshal(text, &desired); err != nil {
		return nil, err
	}
	filter := endpoint.NewDomainFilter(nil)
	etcd, err := coredns.New(ctx, cfg, filter)
	if err != nil {
		return nil, err
	}
	registry, err := txt.New(cfg, etcd)
	if err != nil {
		return nil, err
	}
	current, err := registry.Records(ctx)
	if err != nil {
		return nil, err
	}
	ctx = context.WithValue(ctx, provider.RecordsContextKey, current)
	desired, err = registry.AdjustEndpoints(desired)
	if err != nil {
		return nil, err
	}
	calculated := (&plan.Plan{
		Policies:       []plan.Policy{plan.Policies[policy]},
		Current:        current,
		Desired:        desired,
		DomainFilter:   endpoint.MatchAllDomainFilters{filter, registry.GetDomainFilter()},
		ManagedRecords: cfg.ManagedDNSRecordTypes,
		OwnerID:        registry.OwnerID(),
	}).Calculate()
	if !calculated.Changes.HasChanges() {
		return calculated.Changes, nil
	}
	return calculated.Changes, registry.ApplyChanges(ctx, calculated.Changes)
}
