"""How does a bot journey go on? The pure parts, to be driven by `progress` and `handover.turns`.

    definition.compile(data) -> Definition                         cached per JourneyVersion
    lint.check(text, known) -> Checked(data, sha256, findings)     YAML in, canonical data out
    triggers.match(heard, table) -> Triggered | None               no run yet, or another journey's word
    commands.recognise(heard) -> Command | None                    with or without a run: agent, menu ...
    engine.start(version, now, context, *, run_id, values) -> Turn
    interpret.interpret(version, run, heard, context, table) -> Given
    engine.step(version, run, given, now, context) -> Turn
    engine.begin(version, run, step_id, now, context) -> Turn      what a `Fork` asks for, in the background lane
    engine.prompt(version, run, now, context, *, resumed) -> tuple[Say, ...]
    resume.decide(facts) -> "answer" | "resume" | "offer" | "expire" | "hidden" | "waiting"
    render.render(content, capabilities) -> Rendered(messages, options)

One message is `step(version, run, interpret(version, run, heard, context), heard.at, context)`; a timer that rings is
`step(..., Timeout(token=guard), ...)`, a handover that came out is `step(..., HandoverResult(outcome, token), ...)`,
a widget that opens is `step(..., Offer(), ...)` when `resume.decide` says so. The types are in `state` and `effects`.
"""
