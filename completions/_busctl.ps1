
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'busctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'busctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'busctl' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check the workspace against the rules of the bus, offline')
            [CompletionResult]::new('ci', 'ci', [CompletionResultType]::ParameterValue, 'Check everything that a pull request has to pass, in one run with one report')
            [CompletionResult]::new('fmt', 'fmt', [CompletionResultType]::ParameterValue, 'Format manifests; comments and meaning stay')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what would change on a cluster')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Change a cluster to what the workspace says')
            [CompletionResult]::new('drift', 'drift', [CompletionResultType]::ParameterValue, 'Tell what was changed outside Git from what waits to be applied')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'List what was changed on a cluster, by whom, and what became of it')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a topic as it is resolved, and where each value comes from')
            [CompletionResult]::new('snapshot', 'snapshot', [CompletionResultType]::ParameterValue, 'Save the live state of a cluster to a file, for plans without a network')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Make manifests of what a cluster and its registry have already')
            [CompletionResult]::new('catalog', 'catalog', [CompletionResultType]::ParameterValue, 'Write the event catalog')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say why a rule exists, with a bad and a good example')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Test the rules of your own')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Check schemas and their sample records')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make manifests that follow from others')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Run a local Kafka and schema registry')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Serve an editor: findings, hover, completion and definitions of manifests')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print shell completions, or write them all with the man page')
            break
        }
        'busctl;validate' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Compare with a base: git:REF is the workspace at the last commit in common with a branch, tag or commit; FILE is a snapshot of a cluster. What the base has too does not count, and what the change takes away is told')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out the findings that a file lists: those of an estate before it was governed')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the file for --baseline, with every finding that there is now')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the findings to a file too, in this form. May be repeated')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what is safe to mend: units, quotes, missing values that can be one only; comments stay')
            [CompletionResult]::new('--unsafe-fixes', '--unsafe-fixes', [CompletionResultType]::ParameterName, 'With --fix: also write what was probably meant')
            [CompletionResult]::new('--fix-consent', '--fix-consent', [CompletionResultType]::ParameterName, 'Write the other side of each consent that is missing, into manifests of other owners')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Write nothing; show what would be mended')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;ci' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Compare with a base: git:REF is the workspace at the last commit in common with a branch, tag or commit; FILE is a snapshot of a cluster. What the base has too does not count, and what the change takes away is told')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Leave out the findings that a file lists: those of an estate before it was governed')
            [CompletionResult]::new('--write-baseline', '--write-baseline', [CompletionResultType]::ParameterName, 'Write the file for --baseline, with every finding that there is now')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Plan from a snapshot of a cluster too; may be given for several clusters')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Plan this cluster too, by a look at it; may be given for several clusters')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'The most risk that a planned change may have; by default what the manifest of its cluster allows. What the base would change too does not count')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the findings to a file too, in this form. May be repeated')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;fmt' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write nothing; list the files that are not formatted, and end with 3 where there is one')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Write nothing; show what would change')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;plan' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Plan from a snapshot instead of the live cluster; nothing is asked of any server')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Only these resources, with what they depend on: an address, or a pattern such as ''topic/media.*''. May be repeated')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Not these resources, nor what depends on them. May be repeated')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Save the plan to a file, for `apply FILE`')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Save the plan to a file, for `apply FILE`')
            [CompletionResult]::new('--sign', '--sign', [CompletionResultType]::ParameterName, 'Sign the file with an Ed25519 key (PEM): a path, env:NAME or file:PATH. The signature goes to FILE.sig, and the manifests into the file, so that `apply FILE --verify KEY` needs no workspace')
            [CompletionResult]::new('--undo', '--undo', [CompletionResultType]::ParameterName, 'Plan the inverse of a saved plan that was applied')
            [CompletionResult]::new('--retention-step', '--retention-step', [CompletionResultType]::ParameterName, 'Cut a retention.ms by at most this much in one run; the plan says what remains')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--server-check', '--server-check', [CompletionResultType]::ParameterName, 'Have the brokers say of each change whether they would accept it, as the registry is asked in any case')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'End with 2 where there are changes')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;apply' {
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Apply FILE only if this Ed25519 key (PEM) verifies its signature; the manifests are taken from the file')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Only these resources, with what they depend on: an address, or a pattern such as ''topic/media.*''. May be repeated')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Not these resources, nor what depends on them. May be repeated')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'The most risk to take: safe, disruptive or destructive; by default what the cluster''s manifest allows')
            [CompletionResult]::new('--max-destructive', '--max-destructive', [CompletionResultType]::ParameterName, 'The most destructive changes to make; with more, nothing is done')
            [CompletionResult]::new('--retention-step', '--retention-step', [CompletionResultType]::ParameterName, 'Cut a retention.ms by at most this much in one run; the plan says what remains')
            [CompletionResult]::new('--settle', '--settle', [CompletionResultType]::ParameterName, 'How long to wait afterwards until the brokers serve what the controller accepted')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for an apply that somebody else has under way')
            [CompletionResult]::new('--audit-log', '--audit-log', [CompletionResultType]::ParameterName, 'Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard output, which then holds nothing else')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;drift' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Look again each time this much has passed, until interrupted')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which is replaced in one step, instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which is replaced in one step, instead of standard output')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text, json, markdown, or prometheus for a textfile collector')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;audit' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--resource', '--resource', [CompletionResultType]::ParameterName, 'Only resources with this address, or those that a pattern means: ''topic/media.*''')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only changes begun at this time or later: 2026-11-25T15:00:00Z, 2026-11-25, or an age such as 7d')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only changes begun at this time or earlier')
            [CompletionResult]::new('--who', '--who', [CompletionResultType]::ParameterName, 'Only changes of this person or pipeline, NAME or NAME@HOST')
            [CompletionResult]::new('--apply', '--apply', [CompletionResultType]::ParameterName, 'Only changes of this apply')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'Only changes with this outcome; may be given several times')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Only the last so many changes')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;snapshot' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file to write')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file to write')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--impact', '--impact', [CompletionResultType]::ParameterName, 'Also measure what plans say of losses: offsets, sizes, and the groups that read each topic')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;import' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster: one that has a manifest, or the name that a new one gets')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster: one that has a manifest, or the name that a new one gets')
            [CompletionResult]::new('--snapshot', '--snapshot', [CompletionResultType]::ParameterName, 'Read a snapshot instead of the live cluster; nothing is asked of any server')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Adopt these topics alone, with their schemas and grants: a name, or a prefix with a trailing *. May be repeated')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Where what the bus itself breaks is listed, for `validate --baseline`. A new workspace gets baseline.json')
            [CompletionResult]::new('--bootstrap', '--bootstrap', [CompletionResultType]::ParameterName, 'Brokers to ask first, HOST:PORT. Several are divided by commas')
            [CompletionResult]::new('--ca', '--ca', [CompletionResultType]::ParameterName, 'The authorities to trust, PEM')
            [CompletionResult]::new('--certificate', '--certificate', [CompletionResultType]::ParameterName, 'The client''s certificate chain, PEM')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key of the certificate, PEM')
            [CompletionResult]::new('--sasl', '--sasl', [CompletionResultType]::ParameterName, 'The SASL mechanism: plain, scram-sha-256 or scram-sha-512')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'The user of SASL')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'The password of SASL')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'The schema registry: the base of its Confluent API')
            [CompletionResult]::new('--registry-username', '--registry-username', [CompletionResultType]::ParameterName, 'The user of the registry')
            [CompletionResult]::new('--registry-password', '--registry-password', [CompletionResultType]::ParameterName, 'The password of the registry')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over files that are there and are no part of what is declared')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Write nothing; show what would be written')
            [CompletionResult]::new('--tls', '--tls', [CompletionResultType]::ParameterName, 'Use TLS, with the authorities of the system unless --ca says others')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;catalog' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file, from the root of the workspace')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file, from the root of the workspace')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Only say whether the file is up to date; end with 3 where it is not')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;explain' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Every rule, as the page docs/rules.md has them')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;policy' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Ask rules of your own of their examples')
            break
        }
        'busctl;policy;test' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;schema' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Say whether consumers survive a change of a schema, as a registry decides it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what a change of a schema means, field by field, and whom it breaks')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a schema with its versions and fields')
            [CompletionResult]::new('keep', 'keep', [CompletionResultType]::ParameterValue, 'Keep a version of a schema as it was committed, before it is edited or after')
            [CompletionResult]::new('normalize', 'normalize', [CompletionResultType]::ParameterValue, 'Print a schema in the one form that all texts of its meaning have')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Read every sample record with every version that a consumer may have')
            break
        }
        'busctl;schema;check' {
            [CompletionResult]::new('--old', '--old', [CompletionResultType]::ParameterName, 'An earlier version; several are given from the oldest to the newest')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'The new version')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The format of all of them; by default what the extension of each file says')
            [CompletionResult]::new('--level', '--level', [CompletionResultType]::ParameterName, 'The level: none, backward, forward, full, or one of these with _transitive; upper case is taken too')
            [CompletionResult]::new('--reference', '--reference', [CompletionResultType]::ParameterName, 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself')
            [CompletionResult]::new('--opinion', '--opinion', [CompletionResultType]::ParameterName, 'Warn of what a registry lets pass and somebody may regret: what misreads records (wire), records in JSON too (wire-json), or what code has to follow besides (source)')
            [CompletionResult]::new('--pairs', '--pairs', [CompletionResultType]::ParameterName, 'Answer many questions instead, a line of JSON each: {"id", "format", "old" or "previous", "new", "level", "references"}; - is standard input')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the findings to a file too, in this form. May be repeated')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;schema;diff' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Compare from this version')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Compare with this version, instead of the present one')
            [CompletionResult]::new('--old', '--old', [CompletionResultType]::ParameterName, 'The old version, as a file')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'The new version, as a file')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The format of both files; by default what the extension of each says')
            [CompletionResult]::new('--reference', '--reference', [CompletionResultType]::ParameterName, 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--detailed-exitcode', '--detailed-exitcode', [CompletionResultType]::ParameterName, 'End with 2 where something changed')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;schema;show' {
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Show this version, instead of the present one')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The format of a file; by default what its extension says')
            [CompletionResult]::new('--reference', '--reference', [CompletionResultType]::ParameterName, 'A schema that a file refers to: the name that it has for it, and its file. May be repeated, each behind those that it refers to itself')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the data: text for people, json for programs, markdown for a pull-request comment')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'busctl;schema;keep' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;schema;normalize' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Its format; by default what the extension of the file says')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, which may be the schema''s own, instead of standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, which may be the schema''s own, instead of standard output')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;schema;test' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Read with the versions that the registry of this cluster has, too')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Read with the versions that the registry of this cluster has, too')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Take the newest versions from a snapshot of the cluster instead of asking its registry')
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Take what the schemas were at the last commit in common with a branch, tag or commit for an earlier version too; by default what is committed, so that an edit is a change whether or not the version before it was kept')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the findings on standard output: text, json, jsonl, sarif, github, gitlab, junit, markdown, azure or rdjson')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Write the findings to a file too, in this form. May be repeated')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--checklist', '--checklist', [CompletionResultType]::ParameterName, 'Show only the checklist of each schema that changed, and of each new major version; empty boxes do not fail')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;new' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Make the next major version of a topic, with all that belongs to it')
            break
        }
        'busctl;new;version' {
            [CompletionResult]::new('--breaking-change', '--breaking-change', [CompletionResultType]::ParameterName, 'What breaks, in a few words: the title of the decision record')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write over files that are there')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('up', 'up', [CompletionResultType]::ParameterValue, 'Start the local Kafka and registry and write their connection to .busctl/')
            [CompletionResult]::new('down', 'down', [CompletionResultType]::ParameterValue, 'Stop them; the data stays')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say whether they run, and where')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show the log of one of them')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Stop them and delete their data')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run a command on a fresh bus with the workspace applied; the bus is gone afterwards')
            break
        }
        'busctl;dev;up' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev;down' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev;status' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form of the status')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev;logs' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'How many lines from the end')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'How many lines from the end')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on as the log grows')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on as the log grows')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev;reset' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;dev;run' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'The cluster; needed by what talks to one where the workspace has more')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a server may take to answer a request')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'The service that the command logs in as; the administrator by default')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;lsp' {
            [CompletionResult]::new('--schemas', '--schemas', [CompletionResultType]::ParameterName, 'Write the JSON Schemas of manifests into this folder, and serve nobody')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('--stdio', '--stdio', [CompletionResultType]::ParameterName, 'Speak through standard input and output, which it does anyway; editors give it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'busctl;completions' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write the completions of every shell and the man page into this folder')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Work as if started in this folder')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours: auto, always or never; NO_COLOR is heeded')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more: what is unmanaged, where every field comes from')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
