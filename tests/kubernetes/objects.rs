//! Objects of a small cluster, of several kinds.
use std::fmt::Write as _;

const NODES: usize = 3;
const NAMESPACES: usize = 12;

const CUSTOM: &str = "
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /srv}, storageClassName: slow}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: urgent}
value: 1000
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]
";

/// Returns the manifest of the objects for `kubectl create`.
pub(crate) fn objects() -> String {
    let mut all = CUSTOM.to_owned();
    for number in 1..=NODES {
        write!(
            all,
            "
---
apiVersion: v1
kind: Node
metadata: {{name: node-{number}, labels: {{kubernetes.io/os: linux}}}}
spec: {{podCIDR: 10.244.{number}.0/24}}
"
        )
        .unwrap();
    }
    for number in 1..=NAMESPACES {
        // The values hold a quote, a dollar, a backslash, letters of other scripts, and bytes that are no text.
        write!(
            all,
            r#"
---
apiVersion: v1
kind: Namespace
metadata: {{name: team-{number}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: team-{number}}}
data: {{key: "it's \"$HOME\" \\ `id` ä \n END", number: "{number}"}}
binaryData: {{bytes: AAECA//+/Q==}}
---
apiVersion: v1
kind: Secret
metadata: {{name: password, namespace: team-{number}}}
data: {{password: c2VjcmV0AAA=}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: robot, namespace: team-{number}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: team-{number}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: "registry.example.org/web:{number}"}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: team-{number}}}
spec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: team-{number}}}
spec: {{rules: [{{host: web-{number}.example.org}}]}}
---
apiVersion: v1
kind: Event
metadata: {{name: begun, namespace: team-{number}}}
involvedObject: {{kind: Namespace, name: team-{number}, namespace: team-{number}}}
reason: Begun
message: it has begun
type: Normal
"#
        )
        .unwrap();
    }
    all
}

/// Returns custom objects, which can be made once their kind is known.
pub(crate) fn custom_objects() -> String {
    let mut all = String::new();
    for number in 1..=NAMESPACES {
        write!(
            all,
            "
---
apiVersion: example.org/v1
kind: Widget
metadata: {{name: one, namespace: team-{number}}}
spec: {{size: {number}}}
"
        )
        .unwrap();
    }
    all
}
