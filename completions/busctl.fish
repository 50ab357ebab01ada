# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_busctl_global_optspecs
    string join \n C/directory= color= v/verbose h/help V/version
end

function __fish_busctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_busctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_busctl_using_subcommand
    set -l cmd (__fish_busctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c busctl -n "__fish_busctl_needs_command" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_needs_command" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_needs_command" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_needs_command" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_needs_command" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "validate" -d 'Check the workspace against the rules of the bus, offline'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "ci" -d 'Check everything that a pull request has to pass, in one run with one report'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "fmt" -d 'Format manifests; comments and meaning stay'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "plan" -d 'Show what would change on a cluster, or on all of them'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "apply" -d 'Change a cluster to what the workspace says'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "drift" -d 'Tell what was changed outside Git from what waits to be applied'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "audit" -d 'List what was changed on a cluster, by whom, and what became of it'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "topics" -d 'List topics, or tell everything of one: what is declared beside what is there'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "groups" -d 'List consumer groups, or tell everything of one: whose it is, and how far behind'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "services" -d 'List services, or tell everything of one: what it may do, and what it should'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "schemas" -d 'List subjects of the schema registry, or tell everything of one'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "access" -d 'Say who may do what: with a topic or a group, or what a service may do; by which ACL, asked for in which manifest'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "show" -d 'Show a topic as it is resolved, and where each value comes from'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "diff" -d 'Compare two clusters, live or saved: what the second has otherwise than the first'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "promote" -d 'Show what the manifests give one cluster and not another, and write it'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "rebalance" -d 'Move replicas off a broker or onto one, or spread the leaders'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "truncate" -d 'Delete the records of a topic up to an offset or a time'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "dlq" -d 'Find out why dead letters failed, and send them again or give them up'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "reassign" -d 'See or cancel moves of replicas that are under way'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "snapshot" -d 'Save the live state of a cluster to a file, for plans without a network'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "import" -d 'Make manifests of what a cluster and its registry have already'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "identity" -d 'Have the certificates of services issued'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "client-config" -d 'Print what the clients of a service are configured with: brokers, groups, the rules of the bus; never a secret'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "client-check" -d 'Say which rules of the bus the configuration of a client breaks'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "render" -d 'Write what the workspace means in the forms of other systems'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "catalog" -d 'Write the event catalog'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "explain" -d 'Say why a rule exists, with a bad and a good example'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "policy" -d 'Test the rules of your own'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "schema" -d 'Check schemas and their sample records'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "new" -d 'Make a topic, a service, a domain, a cluster, or the next version of a topic'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "login" -d 'Log in as a person, at the issuer of tokens that the manifests name'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "logout" -d 'Forget the login'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "whoami" -d 'Say whom each system takes busctl for, and what that is derived from'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "doctor" -d 'Find out why a server cannot be reached'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "dev" -d 'Run a local Kafka and schema registry'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "lsp" -d 'Serve an editor: findings, hover, completion and definitions of manifests'
complete -c busctl -n "__fish_busctl_needs_command" -f -a "completions" -d 'Print shell completions, or write them all with the man page'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l against -d 'Compare with a base: git:REF is the workspace at the last commit in common with a branch, tag or commit; FILE is a snapshot of a cluster. What the base has too does not count, and what the change takes away is told' -r
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l baseline -d 'Leave out the findings that a file lists: those of an estate before it was governed' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l write-baseline -d 'Write the file for --baseline, with every finding that there is now' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l format -d 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson' -r -f -a "text\t'For people in front of a terminal'
json\t'A document with a `format_version` and a published JSON Schema'
jsonl\t'A line of JSON for each finding, as in the document'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub\'s pull requests, in the log of a workflow'
gitlab\t'A Code Quality report of GitLab'
junit\t'Test results as Jenkins, GitLab and others read them'
markdown\t'A comment on a pull request'
azure\t'Issues of Azure Pipelines, in the log of a pipeline'
rdjson\t'The diagnostic format of reviewdog'"
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l report -d 'Write the findings to a file too, in this form. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand validate" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l online -d 'Also ask Vault and Consul whether each service has the identity that `identities` of its cluster looks for; brokers and registries are not asked'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l fix -d 'Mend what is safe to mend: units, quotes, missing values that can be one only; comments stay'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l unsafe-fixes -d 'With --fix: also write what was probably meant'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l fix-consent -d 'Write the other side of each consent that is missing, into manifests of other owners'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -l diff -d 'Write nothing; show what would be mended'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand validate" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand ci" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l against -d 'Compare with a base: git:REF is the workspace at the last commit in common with a branch, tag or commit; FILE is a snapshot of a cluster. What the base has too does not count, and what the change takes away is told' -r
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l baseline -d 'Leave out the findings that a file lists: those of an estate before it was governed' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l write-baseline -d 'Write the file for --baseline, with every finding that there is now' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l live -d 'Plan from a snapshot of a cluster too; may be given for several clusters' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l plan -d 'Plan this cluster too, by a look at it; may be given for several clusters' -r
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l allow -d 'The most risk that a planned change may have; by default what the manifest of its cluster allows. What the base would change too does not count' -r -f -a "safe\t''
disruptive\t''
destructive\t''"
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l format -d 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson' -r -f -a "text\t'For people in front of a terminal'
json\t'A document with a `format_version` and a published JSON Schema'
jsonl\t'A line of JSON for each finding, as in the document'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub\'s pull requests, in the log of a workflow'
gitlab\t'A Code Quality report of GitLab'
junit\t'Test results as Jenkins, GitLab and others read them'
markdown\t'A comment on a pull request'
azure\t'Issues of Azure Pipelines, in the log of a pipeline'
rdjson\t'The diagnostic format of reviewdog'"
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l report -d 'Write the findings to a file too, in this form. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand ci" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand ci" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand ci" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand ci" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand ci" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -l check -d 'Write nothing; list the files that are not formatted, and end with 3 where there is one'
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -l diff -d 'Write nothing; show what would change'
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand fmt" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l live -d 'Plan from a snapshot instead of the live cluster; nothing is asked of any server. Where all clusters are planned, it stands in for its own, and may be repeated' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l target -d 'Only these resources, with what they depend on: an address, or a pattern such as \'topic/media.*\'. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l exclude -d 'Not these resources, nor what depends on them. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s o -l output -d 'Save the plan to a file, for `apply FILE`' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l sign -d 'Sign the file with an Ed25519 key (PEM): a path, env:NAME or file:PATH. The signature goes to FILE.sig, and the manifests into the file, so that `apply FILE --verify KEY` needs no workspace' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l undo -d 'Plan the inverse of a saved plan that was applied' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l retention-step -d 'Cut a retention.ms by at most this much in one run; the plan says what remains' -r
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l baseline -d 'Leave out the findings that a file lists, which `validate --write-baseline` and `import` write: those of an estate from before it was governed' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l all -d 'Plan every cluster of the workspace, side by side; BUSCTL_CLUSTER says nothing then'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l server-check -d 'Have the brokers say of each change whether they would accept it, as the registry is asked in any case'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -l detailed-exitcode -d 'End with 2 where there are changes'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand plan" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l verify -d 'Apply FILE only if this Ed25519 key (PEM) verifies its signature; the manifests are taken from the file' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l target -d 'Only these resources, with what they depend on: an address, or a pattern such as \'topic/media.*\'. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l exclude -d 'Not these resources, nor what depends on them. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l allow -d 'The most risk to take: safe, disruptive or destructive; by default what the cluster\'s manifest allows' -r -f -a "safe\t''
disruptive\t''
destructive\t''"
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l max-destructive -d 'The most destructive changes to make; with more, nothing is done' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l retention-step -d 'Cut a retention.ms by at most this much in one run; the plan says what remains' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l baseline -d 'Leave out the findings that a file lists, which `validate --write-baseline` and `import` write: those of an estate from before it was governed' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l throttle -d 'The most that a broker sends and receives for replicas that are moved, as in 50MiB/s; without it there is no limit' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l settle -d 'How long to wait afterwards until the brokers serve what the controller accepted' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l lock-timeout -d 'How long to wait for an apply that somebody else has under way' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l audit-log -d 'Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard output, which then holds nothing else' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l move-timeout -d 'How long to wait for replicas that are moved; the brokers go on by themselves, and the next run waits again. By default to the end' -r
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand apply" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s y -l yes -d 'Do not ask'
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand apply" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand drift" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand drift" -l watch -d 'Look again each time this much has passed, until interrupted' -r
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s o -l output -d 'Write to this file, which is replaced in one step, instead of standard output' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand drift" -l format -d 'The form of the data: text, json, markdown, or prometheus for a textfile collector' -r -f -a "text\t''
json\t''
markdown\t''
prometheus\t''"
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand drift" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand drift" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand audit" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l resource -d 'Only resources with this address, or those that a pattern means: \'topic/media.*\'' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l since -d 'Only changes begun at this time or later: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 7d' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l until -d 'Only changes begun at this time or earlier' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l who -d 'Only changes of this person or pipeline, NAME or NAME@HOST' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l apply -d 'Only changes of this apply' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l outcome -d 'Only changes with this outcome; may be given several times' -r -f -a "done\t''
failed\t''
blocked\t''
not_tried\t''
not_done\t''
partial\t''
unknown\t''
under_way\t''"
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l limit -d 'Only the last so many changes' -r
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand audit" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand audit" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand audit" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand audit" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand topics" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l live -d 'List from a snapshot instead of the live cluster; what was measured is in those that were taken with --impact' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l sort -d 'The column to sort by: the largest amounts first, names and words in their order' -r
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l status -d 'Only those that are settled, differs, missing, leaving, observed, unmanaged, unseen or declared; may be repeated' -r -f -a "settled\t''
differs\t''
missing\t''
leaving\t''
observed\t''
unmanaged\t''
unseen\t''
declared\t''"
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand topics" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l offline -d 'List what is declared alone, and ask no server'
complete -c busctl -n "__fish_busctl_using_subcommand topics" -l reverse -d 'The other way round'
complete -c busctl -n "__fish_busctl_using_subcommand topics" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand topics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand topics" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand groups" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l live -d 'List from a snapshot instead of the live cluster; what was measured is in those that were taken with --impact' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l sort -d 'The column to sort by: the largest amounts first, names and words in their order' -r
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l status -d 'Only those that are settled, differs, missing, leaving, observed, unmanaged, unseen or declared; may be repeated' -r -f -a "settled\t''
differs\t''
missing\t''
leaving\t''
observed\t''
unmanaged\t''
unseen\t''
declared\t''"
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand groups" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l offline -d 'List what is declared alone, and ask no server'
complete -c busctl -n "__fish_busctl_using_subcommand groups" -l reverse -d 'The other way round'
complete -c busctl -n "__fish_busctl_using_subcommand groups" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand groups" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand groups" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand services" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand services" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand services" -l live -d 'List from a snapshot instead of the live cluster; what was measured is in those that were taken with --impact' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand services" -l sort -d 'The column to sort by: the largest amounts first, names and words in their order' -r
complete -c busctl -n "__fish_busctl_using_subcommand services" -l status -d 'Only those that are settled, differs, missing, leaving, observed, unmanaged, unseen or declared; may be repeated' -r -f -a "settled\t''
differs\t''
missing\t''
leaving\t''
observed\t''
unmanaged\t''
unseen\t''
declared\t''"
complete -c busctl -n "__fish_busctl_using_subcommand services" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand services" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand services" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand services" -l offline -d 'List what is declared alone, and ask no server'
complete -c busctl -n "__fish_busctl_using_subcommand services" -l reverse -d 'The other way round'
complete -c busctl -n "__fish_busctl_using_subcommand services" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand services" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand services" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l live -d 'List from a snapshot instead of the live cluster; what was measured is in those that were taken with --impact' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l sort -d 'The column to sort by: the largest amounts first, names and words in their order' -r
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l status -d 'Only those that are settled, differs, missing, leaving, observed, unmanaged, unseen or declared; may be repeated' -r -f -a "settled\t''
differs\t''
missing\t''
leaving\t''
observed\t''
unmanaged\t''
unseen\t''
declared\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l offline -d 'List what is declared alone, and ask no server'
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -l reverse -d 'The other way round'
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand schemas" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand access" -l operation -d 'Only these operations: read, write, describe, create, delete, alter and so on; may be repeated' -r -f -a "all\t''
read\t''
write\t''
create\t''
delete\t''
alter\t''
describe\t''
cluster_action\t''
describe_configs\t''
alter_configs\t''
idempotent_write\t''
create_tokens\t''
describe_tokens\t''
two_phase_commit\t''"
complete -c busctl -n "__fish_busctl_using_subcommand access" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand access" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand access" -l live -d 'Answer from a snapshot instead of the live cluster' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand access" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand access" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand access" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand access" -l offline -d 'Answer from what the manifests ask for, and ask no server'
complete -c busctl -n "__fish_busctl_using_subcommand access" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand access" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand access" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand show" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand show" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand show" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand show" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand show" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand show" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand diff" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand diff" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand diff" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand diff" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand diff" -l detailed-exitcode -d 'End with 2 where something differs'
complete -c busctl -n "__fish_busctl_using_subcommand diff" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand diff" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand promote" -l only -d 'Only these: an address, or the start of one with a `*`, such as \'topic/media.*\'. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand promote" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand promote" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand promote" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand promote" -l write -d 'Write it into the manifests'
complete -c busctl -n "__fish_busctl_using_subcommand promote" -l detailed-exitcode -d 'End with 2 where something is lacking that can be taken over'
complete -c busctl -n "__fish_busctl_using_subcommand promote" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand promote" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l drain -d 'Move everything off this broker: it leaves, or is gone. May be repeated, or several with commas' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l add -d 'Move to this broker what its share is: it has come. May be repeated, or several with commas' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s o -l output -d 'Save the plan to a file, for `apply FILE` and, later, `plan --undo FILE`' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l throttle -d 'The most that a broker sends and receives for replicas that are moved, as in 50MiB/s; without it there is no limit' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l settle -d 'How long to wait afterwards until the brokers serve what the controller accepted' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l lock-timeout -d 'How long to wait for an apply that somebody else has under way' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l audit-log -d 'Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard output, which then holds nothing else' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l move-timeout -d 'How long to wait for replicas that are moved; the brokers go on by themselves, and the next run waits again. By default to the end' -r
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -l leaders -d 'Spread the preferred leaders evenly, and have them lead'
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s y -l yes -d 'Do it; without this, only say what would be done'
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand rebalance" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l before-offset -d 'Delete the records before this offset; with several partitions, name them with --partition' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l before -d 'Delete the records before the first one whose timestamp is not before this moment: 2026-11-25T15:48:44Z or 2026-11-25' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l older-than -d 'The same of records that are older than this, such as 7d' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l partition -d 'Only of this partition; may be repeated, or several with commas' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l allow -d 'The most risk to take: safe, disruptive or destructive; by default what the cluster\'s manifest allows' -r -f -a "safe\t''
disruptive\t''
destructive\t''"
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l max-destructive -d 'The most destructive changes to make; with more, nothing is done' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l settle -d 'How long to wait afterwards until the brokers serve what the controller accepted' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l lock-timeout -d 'How long to wait for an apply that somebody else has under way' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l audit-log -d 'Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard output, which then holds nothing else' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l move-timeout -d 'How long to wait for replicas that are moved; the brokers go on by themselves, and the next run waits again. By default to the end' -r
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -l all -d 'Delete all records that are there now'
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s y -l yes -d 'Do not ask'
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand truncate" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "list" -d 'List the dead-letter queues of a cluster, with how full each one is'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "stats" -d 'Tell the figures of queues, for people and monitoring: depth, age, arrivals, what becomes of the records and how soon'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "triage" -d 'Group the dead letters of a queue by why they failed'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "tui" -d 'Look through queues, groups and records in a terminal, and send them again or give them up'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "show" -d 'Show dead letters one by one: where they come from, every header, and what they hold; personal data with --unmask alone'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "reprocess" -d 'Send dead letters again, each one once; without --yes it says what it would do'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "discard" -d 'Give dead letters up for a reason; they are exported before. Without --yes it says what it would do'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "restore" -d 'Put what was given up into its queue again; without --yes it says what it would do'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and not __fish_seen_subcommand_from list stats triage tui show reprocess discard restore ledger" -f -a "ledger" -d 'Tell what became of dead letters, by whom and why'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -l detailed-exitcode -d 'End with 2 where a queue is over a threshold'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l top -d 'How many reasons of a queue are told apart' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l listen -d 'Serve the figures at this address for Prometheus, below /metrics, until it is stopped: a port of this machine alone, or HOST:PORT' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l every -d 'How often the cluster is looked at while it serves' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment, prometheus (text 0.0.4) and openmetrics (1.0) for monitoring' -r -f -a "text\t''
json\t''
markdown\t''
prometheus\t''
openmetrics\t''"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from stats" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l partition -d 'Of these partitions of the dead-letter topic: 3, 0..2' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l offset -d 'With these offsets there: 17, 100..200, 100..' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l record -d 'These records alone: 3/1204' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l since -d 'Not older: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 2h' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l until -d 'Older' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l key -d 'With this key, in which `*` stands for anything' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l header -d 'With this header, or with one of this value; of several, all must be there' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l origin-topic -d 'That come from this topic' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l origin-partition -d 'That come from these partitions' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l origin-offset -d 'That had these offsets where they come from' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l group -d 'That this consumer group could not process' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l class -d 'That failed with this class of exception, its cause included: `*TimeoutException`' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l fingerprint -d 'That failed for this reason, as `busctl dlq triage` names it' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l where -d 'Of which this expression in CEL is true: `value.price > 100 && headers.tenant == \'a\'`. Records are decoded for it; one that cannot be, or of which it says nothing, is not meant. docs/dlq.md lists what it knows' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from triage" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from tui" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l partition -d 'Of these partitions of the dead-letter topic: 3, 0..2' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l offset -d 'With these offsets there: 17, 100..200, 100..' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l record -d 'These records alone: 3/1204' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l since -d 'Not older: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 2h' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l until -d 'Older' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l key -d 'With this key, in which `*` stands for anything' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l header -d 'With this header, or with one of this value; of several, all must be there' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l origin-topic -d 'That come from this topic' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l origin-partition -d 'That come from these partitions' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l origin-offset -d 'That had these offsets where they come from' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l group -d 'That this consumer group could not process' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l class -d 'That failed with this class of exception, its cause included: `*TimeoutException`' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l fingerprint -d 'That failed for this reason, as `busctl dlq triage` names it' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l where -d 'Of which this expression in CEL is true: `value.price > 100 && headers.tenant == \'a\'`. Records are decoded for it; one that cannot be, or of which it says nothing, is not meant. docs/dlq.md lists what it knows' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l limit -d 'At most so many' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l reason -d 'Why, for the audit' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -l unmask -d 'Show personal data too. Who did so, when, of which records and why is written to the audit before'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l partition -d 'Of these partitions of the dead-letter topic: 3, 0..2' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l offset -d 'With these offsets there: 17, 100..200, 100..' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l record -d 'These records alone: 3/1204' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l since -d 'Not older: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 2h' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l until -d 'Older' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l key -d 'With this key, in which `*` stands for anything' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l header -d 'With this header, or with one of this value; of several, all must be there' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l origin-topic -d 'That come from this topic' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l origin-partition -d 'That come from these partitions' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l origin-offset -d 'That had these offsets where they come from' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l group -d 'That this consumer group could not process' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l class -d 'That failed with this class of exception, its cause included: `*TimeoutException`' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l fingerprint -d 'That failed for this reason, as `busctl dlq triage` names it' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l where -d 'Of which this expression in CEL is true: `value.price > 100 && headers.tenant == \'a\'`. Records are decoded for it; one that cannot be, or of which it says nothing, is not meant. docs/dlq.md lists what it knows' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l to -d 'Send them to this topic; by default each goes to where it comes from' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l to-retry -d 'Send those that failed in this consumer group to its retry topic, so that no other group gets them again' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l to-cluster -d 'Send them to another cluster: each one at least once, for no transaction spans two' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l max -d 'Send at most so many' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l rate -d 'Send at most so many a second' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l canary -d 'Send so many first, and the others where none of these came back and their group has read them' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l canary-wait -d 'How long to wait after these' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l max-failures -d 'Stop when more than this share of what was sent came back into the queue' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l max-attempts -d 'How often a record may be sent again; one that came back as often is parked' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l park -d 'The topic that takes those which were sent again often enough; by default the one that `naming.parking` names, where it is there, else they stay' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l timestamp -d 'The timestamp that they get: keep, or now' -r -f -a "keep\t''
now\t''"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l transform -d 'Make their values anew with this expression in CEL, or with that of a file: `value.with({\'price\': 0})`. What it makes is encoded with the newest schema of the topic, and stays in the queue where it does not fit that' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l reason -d 'Why, for the ledger' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s y -l yes -d 'Send them; without it nothing is sent, and it is shown what would be'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -l with-live-consumer -d 'Send also where a consumer group reads the dead-letter topic itself'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from reprocess" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l partition -d 'Of these partitions of the dead-letter topic: 3, 0..2' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l offset -d 'With these offsets there: 17, 100..200, 100..' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l record -d 'These records alone: 3/1204' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l since -d 'Not older: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 2h' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l until -d 'Older' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l key -d 'With this key, in which `*` stands for anything' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l header -d 'With this header, or with one of this value; of several, all must be there' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l origin-topic -d 'That come from this topic' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l origin-partition -d 'That come from these partitions' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l origin-offset -d 'That had these offsets where they come from' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l group -d 'That this consumer group could not process' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l class -d 'That failed with this class of exception, its cause included: `*TimeoutException`' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l fingerprint -d 'That failed for this reason, as `busctl dlq triage` names it' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l where -d 'Of which this expression in CEL is true: `value.price > 100 && headers.tenant == \'a\'`. Records are decoded for it; one that cannot be, or of which it says nothing, is not meant. docs/dlq.md lists what it knows' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l allow -d 'The most risk to take: safe, disruptive or destructive; by default what the cluster\'s manifest allows' -r -f -a "safe\t''
disruptive\t''
destructive\t''"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l max-destructive -d 'The most destructive changes to make; with more, nothing is done' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l reason -d 'Why, for the ledger' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l export -d 'Where they are exported to before: a file, or an object as s3://BUCKET/KEY, which must not be there. `busctl dlq restore` takes them back' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l max -d 'Give up at most so many' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s y -l yes -d 'Do not ask'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -l delete-records -d 'Delete them from the log too, with everything before them: all records of the partitions and offsets that are named must have met their fate then. It cannot be taken back, and asks for `--allow destructive`'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from discard" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l reason -d 'Why, for the ledger' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Put them back; without it nothing is written, and it is shown what would be'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from restore" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l fate -d 'Only those that were redriven, parked, discarded or restored; may be repeated' -r -f -a "redriven\t''
parked\t''
discarded\t''
restored\t''"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l run -d 'Only those that this run settled' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l limit -d 'List the last so many; all are counted' -r
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dlq; and __fish_seen_subcommand_from ledger" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -f -a "status" -d 'Show which replicas are being moved, by whom, and how far they are'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and not __fish_seen_subcommand_from status cancel" -f -a "cancel" -d 'Take back moves that are under way, and the throttle that busctl has set for them'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l settle -d 'How long to wait afterwards until the brokers serve what the controller accepted' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l lock-timeout -d 'How long to wait for an apply that somebody else has under way' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l audit-log -d 'Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard output, which then holds nothing else' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l move-timeout -d 'How long to wait for replicas that are moved; the brokers go on by themselves, and the next run waits again. By default to the end' -r
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -l all -d 'Also those that busctl has not begun'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Do it; without this, only say what would be done'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand reassign; and __fish_seen_subcommand_from cancel" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s o -l output -d 'The file to write' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -l impact -d 'Also measure what plans say of losses: offsets, sizes, and the groups that read each topic'
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand snapshot" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand import" -s c -l cluster -d 'The cluster: one that has a manifest, or the name that a new one gets' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l snapshot -d 'Read a snapshot instead of the live cluster; nothing is asked of any server' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand import" -l from -d 'Read the files of another tool instead of the live cluster, below the folder DIR' -r -f -a "jikkou\t''
julie\t''
kafka-gitops\t''
strimzi\t''
topicctl\t''"
complete -c busctl -n "__fish_busctl_using_subcommand import" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l only -d 'Adopt these topics alone, with their schemas and grants: a name, or a prefix with a trailing *. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l fixtures -d 'Also write sample records for `schema test`: so many of the newest of each topic that has a schema, one where no number is given. What schemas tag as personal data is masked' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l baseline -d 'Where what the bus itself breaks is listed, for `validate --baseline`. A new workspace gets baseline.json' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand import" -l bootstrap -d 'Brokers to ask first, HOST:PORT. Several are divided by commas' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l ca -d 'The authorities to trust, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l certificate -d 'The client\'s certificate chain, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l key -d 'The key of the certificate, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l sasl -d 'The SASL mechanism: plain, scram-sha-256 or scram-sha-512' -r -f -a "plain\t''
scram-sha-256\t''
scram-sha-512\t''"
complete -c busctl -n "__fish_busctl_using_subcommand import" -l username -d 'The user of SASL' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l password -d 'The password of SASL' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l registry -d 'The schema registry: the base of its Confluent API' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l registry-username -d 'The user of the registry' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -l registry-password -d 'The password of the registry' -r
complete -c busctl -n "__fish_busctl_using_subcommand import" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand import" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand import" -l force -d 'Write over files that are there and are no part of what is declared'
complete -c busctl -n "__fish_busctl_using_subcommand import" -l diff -d 'Write nothing; show what would be written'
complete -c busctl -n "__fish_busctl_using_subcommand import" -l tls -d 'Use TLS, with the authorities of the system unless --ca says others'
complete -c busctl -n "__fish_busctl_using_subcommand import" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand import" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand import" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and not __fish_seen_subcommand_from issue" -f -a "issue" -d 'Have Vault issue the certificate of a service, and write it to files'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s o -l out -d 'The folder that the files are written to: SERVICE.pem, SERVICE.key and SERVICE.ca.pem' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l role -d 'The role of Vault\'s PKI; by default the one that `identities` of the cluster names' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l principal -d 'Which principal, where the service has several' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l common-name -d 'The common name to ask for; by default that of the principal' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l ttl -d 'How long the certificate is good; by default what Vault\'s role says, which also limits it' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -l keystore -d 'Write a key store and a trust store for Java instead, as PEM: SERVICE.keystore.pem and SERVICE.truststore.pem'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand identity; and __fish_seen_subcommand_from issue" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -l format -d 'The form: properties, env, json, yaml, librdkafka or spring' -r -f -a "properties\t'Properties of Kafka\'s Java clients'
env\t'Variables of an environment, as shells read them'
json\t'Everything, for programs'
yaml\t'The same as YAML'
librdkafka\t'`KEY=VALUE` of librdkafka, as kcat reads it'
spring\t'Spring\'s `application.yml`'"
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -l listener -d 'The listener to reach; by default as the manifests tell' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -l client -d 'The configuration of a producer or of a consumer alone, without a prefix' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -l group -d 'The configuration of the members of this group alone' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand client-config" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -l service -d 'The service whose it is; by default as `client.id`, `group.id` or the application\'s name tell' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -l library -d 'The library that it is for: java or librdkafka; by default as the names in it tell' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -l format -d 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson' -r -f -a "text\t'For people in front of a terminal'
json\t'A document with a `format_version` and a published JSON Schema'
jsonl\t'A line of JSON for each finding, as in the document'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub\'s pull requests, in the log of a workflow'
gitlab\t'A Code Quality report of GitLab'
junit\t'Test results as Jenkins, GitLab and others read them'
markdown\t'A comment on a pull request'
azure\t'Issues of Azure Pipelines, in the log of a pipeline'
rdjson\t'The diagnostic format of reviewdog'"
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -l report -d 'Write the findings to a file too, in this form. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand client-check" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand render; and not __fish_seen_subcommand_from external-secrets" -f -a "external-secrets" -d 'Write the manifests that have Kubernetes deliver the certificate and the credentials of each service'
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s o -l out -d 'Write one file for each service and cluster into this folder, CLUSTER/NAME.yaml, and take away those that are no more' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -l check -d 'Only say whether the files are up to date; end with 3 where they are not'
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand render; and __fish_seen_subcommand_from external-secrets" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -s o -l output -d 'The file, from the root of the workspace' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -l check -d 'Only say whether the file is up to date; end with 3 where it is not'
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand catalog" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand explain" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand explain" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand explain" -l all -d 'Every rule, as the page docs/rules.md has them'
complete -c busctl -n "__fish_busctl_using_subcommand explain" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand explain" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand explain" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and not __fish_seen_subcommand_from test" -f -a "test" -d 'Ask rules of your own of their examples'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand policy; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "check" -d 'Say whether consumers survive a change of a schema, as a registry decides it'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "diff" -d 'Show what a change of a schema means, field by field, and whom it breaks'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "show" -d 'Show a schema with its versions and fields'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "keep" -d 'Keep a version of a schema as it was committed, before it is edited or after'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "normalize" -d 'Print a schema in the one form that all texts of its meaning have'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and not __fish_seen_subcommand_from check diff show keep normalize test" -f -a "test" -d 'Read every sample record with every version that a consumer may have'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l old -d 'An earlier version; several are given from the oldest to the newest' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l new -d 'The new version' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l type -d 'The format of all of them; by default what the extension of each file says' -r -f -a "avro\t''
json\t''
protobuf\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l level -d 'The level: none, backward, forward, full, or one of these with _transitive; upper case is taken too' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l reference -d 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l old-reference -d 'What the earlier versions refer to by a name, where that was another text than --reference gives, or nothing by that name is referred to now. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l opinion -d 'Warn of what a registry lets pass and somebody may regret: what misreads records (wire), records in JSON too (wire-json), or what code has to follow besides (source)' -r -f -a "wire\t''
wire-json\t''
source\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l pairs -d 'Answer many questions instead, a line of JSON each: {"id", "format", "old" or "previous", "new", "level", "references", "old_references"}; - is standard input' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l format -d 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson' -r -f -a "text\t'For people in front of a terminal'
json\t'A document with a `format_version` and a published JSON Schema'
jsonl\t'A line of JSON for each finding, as in the document'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub\'s pull requests, in the log of a workflow'
gitlab\t'A Code Quality report of GitLab'
junit\t'Test results as Jenkins, GitLab and others read them'
markdown\t'A comment on a pull request'
azure\t'Issues of Azure Pipelines, in the log of a pipeline'
rdjson\t'The diagnostic format of reviewdog'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l report -d 'Write the findings to a file too, in this form. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l from -d 'Compare from this version' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l to -d 'Compare with this version, instead of the present one' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l old -d 'The old version, as a file' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l new -d 'The new version, as a file' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l type -d 'The format of both files; by default what the extension of each says' -r -f -a "avro\t''
json\t''
protobuf\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l reference -d 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l old-reference -d 'What the earlier versions refer to by a name, where that was another text than --reference gives, or nothing by that name is referred to now. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -l detailed-exitcode -d 'End with 2 where something changed'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from diff" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -l version -d 'Show this version, instead of the present one' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -l type -d 'The format of a file; by default what its extension says' -r -f -a "avro\t''
json\t''
protobuf\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -l reference -d 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from keep" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from keep" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from keep" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from keep" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from keep" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -l type -d 'Its format; by default what the extension of the file says' -r -f -a "avro\t''
json\t''
protobuf\t''"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -s o -l output -d 'Write to this file, which may be the schema\'s own, instead of standard output' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from normalize" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -s c -l cluster -d 'Read with the versions that the registry of this cluster has, too' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l live -d 'Take the newest versions from a snapshot of the cluster instead of asking its registry' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l against -d 'Take what the schemas were at the last commit in common with a branch, tag or commit for an earlier version too; by default what is committed, so that an edit is a change whether or not the version before it was kept' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l format -d 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson' -r -f -a "text\t'For people in front of a terminal'
json\t'A document with a `format_version` and a published JSON Schema'
jsonl\t'A line of JSON for each finding, as in the document'
sarif\t'SARIF 2.1.0, for code scanning'
github\t'Annotations of GitHub\'s pull requests, in the log of a workflow'
gitlab\t'A Code Quality report of GitLab'
junit\t'Test results as Jenkins, GitLab and others read them'
markdown\t'A comment on a pull request'
azure\t'Issues of Azure Pipelines, in the log of a pipeline'
rdjson\t'The diagnostic format of reviewdog'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l report -d 'Write the findings to a file too, in this form. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -l checklist -d 'Show only the checklist of each schema that changed, and of each new major version; empty boxes do not fail'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand schema; and __fish_seen_subcommand_from test" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -f -a "topic" -d 'Make a topic with its schema, its dead letters and both sides of its consents'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -f -a "service" -d 'Declare a service and have it ask for its topics'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -f -a "domain" -d 'Declare a domain'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -f -a "cluster" -d 'Make a cluster, and its registry'
complete -c busctl -n "__fish_busctl_using_subcommand new; and not __fish_seen_subcommand_from topic service domain cluster version" -f -a "version" -d 'Make the next major version of a topic, with all that belongs to it'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l class -d 'Its class in busctl.yaml, which gives cleanup and retention' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l description -d 'What one record means, and when it is written' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l owner -d 'The team that answers for it; by default the owner of its domain' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l key -d 'What orders the records: the field or fields of the key, or `none`' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l partitions -d 'Number of partitions; by default what the bus says' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l producer -d 'A service that writes it. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l consumer -d 'A service or role that reads it. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l dlq -d 'A consumer that has dead letters: their topic, and that it may write it, follow from that. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l dlq-reader -d 'The role that looks after the dead letters; by default the one that looks after those of other topics' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l retention-rationale -d 'Why records are kept as long as they are' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l change-request -d 'The change request that asks for it' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l on -d 'A cluster, environment or label that it is for; by default all. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l schema -d 'The format of its schema' -r -f -a "avro\t''
json\t''
protobuf\t''"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from topic" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l description -d 'What it does' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l owner -d 'The team that answers for it' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l domain -d 'The domain that it belongs to' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l kind -d 'What it is' -r -f -a "service\t''
streams\t''
connect\t''
external\t''"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l consumes -d 'A topic that it reads. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l group -d 'Its consumer group; by default it is called after the service' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l produces -d 'A topic that it writes. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l transactional-id -d 'A transactional id, or a prefix with a trailing `*`. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l approval -d 'The reference of the approval, of a service outside the organisation' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l on -d 'A cluster, environment or label that it is for; by default all. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from service" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -l description -d 'What it is about' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -l owner -d 'The team that answers for it' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -l contact -d 'A way to reach the team, where the team is new too: email=ADDRESS. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -l prefix -d 'How names of its topics start, where that is not its own name. May be repeated' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from domain" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l environment -d 'Its environment; by default it is called after the cluster' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l description -d 'What it is for' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l bootstrap -d 'A broker to ask first. May be repeated, or several with commas' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l cluster-id -d 'The id that its brokers answer' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l region -d 'Where it runs' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l residency -d 'The area that it is in, where its region does not tell: eu or elsewhere' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l brokers -d 'How many brokers it has' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l ca -d 'The authorities to trust, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l certificate -d 'The client\'s certificate chain, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l key -d 'The key of the certificate, PEM' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l sasl -d 'The SASL mechanism: plain, scram-sha-256 or scram-sha-512' -r -f -a "plain\t''
scram-sha-256\t''
scram-sha-512\t''"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l username -d 'The user of SASL' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l password -d 'The password of SASL' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l registry -d 'Its schema registry' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l registry-url -d 'The registry\'s address, where the registry is new too' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l principal -d 'How a principal is made from a service, as in User:CN={service}' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l local -d 'One on this machine, which `busctl dev up` starts'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -l tls -d 'Use TLS, with the authorities of the system unless --ca says others'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from cluster" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -l breaking-change -d 'What breaks, in a few words: the title of the decision record' -r
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -l force -d 'Write over files that are there'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand new; and __fish_seen_subcommand_from version" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand login" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand login" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand login" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand login" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand login" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand login" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand login" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand logout" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand logout" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand logout" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand logout" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand logout" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand logout" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand whoami" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and not __fish_seen_subcommand_from connection" -f -a "connection" -d 'Walk to the brokers and the registry, step by step, and say where and why a walk ends'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -l format -d 'The form of the data: text for people, json for programs, markdown for a pull-request comment' -r -f -a "text\t'For people in front of a terminal'
json\t'For programs; each document has a `format_version` and a published JSON Schema'
markdown\t'For comments on pull requests'"
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand doctor; and __fish_seen_subcommand_from connection" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "up" -d 'Start the local Kafka and registry and write their connection to .busctl/'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "down" -d 'Stop them; the data stays'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "status" -d 'Say whether they run, and where'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "logs" -d 'Show the log of one of them'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "reset" -d 'Stop them and delete their data'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and not __fish_seen_subcommand_from up down status logs reset run" -f -a "run" -d 'Run a command on a fresh bus with the workspace applied; the bus is gone afterwards'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from up" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from down" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -l format -d 'The form of the status' -r -f -a "text\t''
json\t''"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s n -l lines -d 'How many lines from the end' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on as the log grows'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from logs" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from reset" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -s c -l cluster -d 'The cluster; needed by what talks to one where the workspace has more' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -l timeout -d 'How long a server may take to answer a request' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -l as -d 'The service that the command logs in as; the administrator by default' -r
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand dev; and __fish_seen_subcommand_from run" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -l schemas -d 'Write the JSON Schemas of manifests into this folder, and serve nobody' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -l stdio -d 'Speak through standard input and output, which it does anyway; editors give it'
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand lsp" -s V -l version -d 'Print version'
complete -c busctl -n "__fish_busctl_using_subcommand completions" -l all -d 'Write the completions of every shell and the man page into this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand completions" -s C -l directory -d 'Work as if started in this folder' -r -F
complete -c busctl -n "__fish_busctl_using_subcommand completions" -l color -d 'When to use colours: auto, always or never; NO_COLOR is heeded' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c busctl -n "__fish_busctl_using_subcommand completions" -s v -l verbose -d 'Say more: what is unmanaged, where every field comes from'
complete -c busctl -n "__fish_busctl_using_subcommand completions" -s h -l help -d 'Print help'
complete -c busctl -n "__fish_busctl_using_subcommand completions" -s V -l version -d 'Print version'
