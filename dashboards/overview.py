# SPDX-License-Identifier: Apache-2.0
"""The dashboard "Overview": can we restore? Every target in one table, worst first."""
from grafana import (ANSWERS, BARS, BLUE, CAUSES, COLORED, DRILLS, GAUGE, GREEN, GREY, LIMIT, Metrics, NEUTRAL, ORANGE, PURPLE, RED, RESULTS,
                     STEPS, WORST_FIRST, YELLOW, annotation, bars, dashboard as make_dashboard, mapping, override, query, series,
                     steps, table, tile, tiles, timeline, variable, words)

M = Metrics()
TARGET_LINK = {"title": "Open this target", "targetBlank": False, "url":
               "/d/backproof-target?var-datasource=${datasource}&var-instance=${__data.fields.Instance:percentencode}"
               "&var-target=${__value.raw:percentencode}&${__url_time_range}"}


def targets_by_state():
    answer = M.answer()
    values = [
        ("A", "Yes, proven", f"({answer}) == 2", GREEN),
        ("B", "Bad or missing", f"({answer}) >= 8", RED),
        ("C", "Proof overdue", f"({answer}) == 7", ORANGE),
        ("D", "Too old/slow", f"({answer}) == 6 or ({answer}) == 4", YELLOW),
        ("E", "Could not tell", f"({answer}) == 5", PURPLE),
        ("F", "Not proven yet", f"({answer}) == 3", BLUE),
        ("G", "Disabled", f"({answer}) == 1", GREY),
        ("H", "All targets", M.one("target_enabled"), NEUTRAL),
    ]
    return tiles(
        "How many targets",
        "Every target is counted once, by its worst news; the last tile is their sum.\n\n"
        "- **Yes, proven**: the last run restored the backup and every check passed, in time, within every objective.\n"
        "- **Bad or missing**: the backup does not restore or a check disagrees; or no backup was found.\n"
        "- **Proof overdue**: the last pass is older than the target's limit.\n"
        "- **Too old/slow**: the newest backup is too old (RPO) or the restore took too long (RTO).\n"
        "- **Could not tell**: the test could not be done. That is not the backup's fault.\n"
        "- **Not proven yet**: it never passed, and its limit is not over.",
        [tile(ref, name, f"count({condition}) or vector(0)", limits=steps((None, NEUTRAL), (1, color)))
         for ref, name, condition, color in values], titleSize=12, valueSize=40)


def targets_table():
    m = M.one
    queries = {
        "A": M.answer(),
        "B": M.result(),
        "C": f"({m('last_success_timestamp_seconds')} > 0) * 1000",
        "D": f"({M.unproven_for()}) / ({m('verification_max_age_seconds')} > 0)",
        "E": f"({m('backup_latest_timestamp_seconds')} > 0) * 1000",
        "F": M.age("backup_verified"),
        "G": f"{m('last_restore_duration_seconds')} > 0",
        "H": f"({m('last_restore_duration_seconds')} > 0) / ({m('rto_objective_seconds')} > 0)",
        "I": f"({m('next_run_timestamp_seconds')} > 0) * 1000",
        "J": f"max by (job, instance, target, engine) ({M.of('target_info')})",
    }
    columns = {"target": "Target", "Value #A": "Can we restore?", "Value #B": "Last run", "Value #C": "Last pass", "Value #D": "% of limit",
               "Value #E": "Newest backup", "Value #F": "Proven RPO", "Value #G": "Restore time", "Value #H": "% of objective",
               "Value #I": "Next run", "engine": "Engine", "instance": "Instance"}
    gauge = dict(unit="percentunit", decimals=0, min=0, max=1, thresholds=LIMIT, custom__cellOptions=GAUGE)
    return table(
        "Can we restore? Every target, worst first",
        "Click a target for its history.\n\n"
        "- **Can we restore?** the worst news of the target in words.\n"
        "- **Last run**: Passed; Failed = the backup is bad; Inconclusive = the test could not be done.\n"
        "- **Last pass**: when, and how much of its limit (max_age) is used up; 100 % and more = overdue. "
        "A target that never passed is counted from when it was configured.\n"
        "- **Newest backup**: when it was made.\n"
        "- **Proven RPO**: the age of the backup that is proven to restore: what you would get back today.\n"
        "- **Restore time**: as measured in the last restore, and how much of its objective (rto) that is; above 100 % = too slow.\n"
        "- **–** means none, or no limit set.",
        queries, columns, sort="Value #A", hidden=["job", "Value #J"],
        overrides=[
            override("Target", links=[TARGET_LINK], custom__width=180),
            override("Can we restore?", mappings=mapping(ANSWERS), custom__cellOptions=COLORED, custom__width=165),
            override("Last run", mappings=mapping(RESULTS), custom__cellOptions={"type": "color-text"}, custom__width=110),
            override("Last pass", unit="dateTimeFromNow", noValue="never", custom__width=125),
            override("% of limit", **gauge, custom__width=122),
            override("Newest backup", unit="dateTimeFromNow", noValue="none", custom__width=125),
            override("Proven RPO", unit="s", decimals=1, noValue="none", custom__width=105),
            override("Restore time", unit="s", decimals=1, custom__width=110),
            override("% of objective", **gauge, custom__width=122),
            override("Next run", unit="dateTimeFromNow", noValue="not scheduled", custom__width=118),
            override("Engine", custom__width=95),
        ])


def running_table():
    going_on = f"{M.one('run_start_timestamp_seconds')} > 0"
    return table(
        "Runs going on",
        "Verifications that run now, and the phase each is in. **Progress** is the share of the work that is done; at **Time limit** "
        "(timeout) a run is stopped and counts as inconclusive.",
        {"A": f"time() - ({going_on})",
         "B": f"{M.one('run_progress_ratio')} and {going_on}",
         "D": f"max by (job, instance, target, phase) ({M.of('run_phase')} == 1)",
         "C": f"{M.one('run_timeout_seconds')} and {going_on}"},
        {"target": "Target", "phase": "Phase", "Value #B": "Progress", "Value #A": "Running for", "Value #C": "Time limit",
         "instance": "Instance"},
        sort="Value #A", hidden=["job", "Value #D"], no_value="Nothing runs now",
        overrides=[
            override("Target", links=[TARGET_LINK], custom__minWidth=145),
            override("Phase", noValue="–", custom__width=80),
            override("Running for", unit="s", decimals=1, custom__width=100),
            override("Progress", unit="percentunit", decimals=0, min=0, max=1, thresholds=steps((None, BLUE)), noValue="–",
                     custom__cellOptions=GAUGE),
            override("Time limit", unit="s", decimals=1, noValue="–", custom__width=90),
            override("Instance", custom__width=135),
        ])


def causes_table():
    shown, ever = M.causes("job, instance, target")
    return table(
        "Why runs did not pass",
        "How many runs did not pass in the time range shown, and ever, by target and cause. Targets whose last run did not pass are "
        "always there.\n\n"
        "- **Backup**: the backup is bad. **Test**: the test could not be done.\n"
        "- What the run itself said is on backproof's page, and in `backproof history --target`.",
        {"A": shown, "B": ever},
        {"target": "Target", "meaning": "What it means", "Value #A": "Runs", "Value #B": "Ever", "cause": "Cause", "instance": "Instance"},
        sort="Value #A", hidden=["job"], no_value="No such run",
        overrides=[
            override("Target", links=[TARGET_LINK], custom__minWidth=145),
            override("What it means", mappings=words(CAUSES), custom__width=232),
            override("Cause", custom__width=120),
            override("Runs|Ever", regex=True, decimals=0, custom__width=62),
        ])


def drills_table():
    m = M.one
    scheduled = m("drill_scheduled_timestamp_seconds")
    last = m("drill_last_timestamp_seconds")
    waiting = f"((({last} > 0) > ({scheduled} > 0)) or ({scheduled} > 0))"
    gauge = dict(unit="percentunit", decimals=0, min=0, max=1, thresholds=LIMIT, noValue="–", custom__cellOptions=GAUGE)
    return table(
        "Recovery drills",
        "Whether the whole way back works: a backup is taken, a stand-in of production is lost, and the backup is restored and "
        "proven. Targets that have drills: first those never drilled, then those that failed.\n\n"
        "- **Last drill**: what the last one that gave an answer said, and when.\n"
        "- **of interval**: how much of the time between two drills went by without an answer; above 120 % = overdue.\n"
        "- **RTO**: from the loss until it was proven, and how much of the objective (rto) that is.\n"
        "- **RPO**: from the newest data that came back to the loss, and how much of the objective (rpo) that is.",
        {"A": f"({M.drill()}) or {m('drill_success')} * 0",
         "B": f"({last} > 0) * 1000",
         "C": f"(time() - {waiting}) / ({m('drill_interval_seconds')} > 0)",
         "D": f"{m('drill_recovery_seconds')} > 0",
         "E": f"({m('drill_recovery_seconds')} > 0) / ({m('rto_objective_seconds')} > 0)",
         "F": f"{m('drill_data_loss_seconds')} > 0",
         "G": f"({m('drill_data_loss_seconds')} > 0) / ({m('rpo_objective_seconds')} > 0)",
         "H": f"({m('drill_next_timestamp_seconds')} > 0) * 1000"},
        {"target": "Target", "Value #A": "Last drill", "Value #B": "Ended", "Value #C": "of interval", "Value #D": "RTO",
         "Value #E": "of RTO", "Value #F": "RPO", "Value #G": "of RPO", "Value #H": "Next", "instance": "Instance"},
        sort="Value #A", descending=False, hidden=["job"], no_value="No target has drills",
        overrides=[
            override("Target", links=[TARGET_LINK], custom__minWidth=160),
            override("Last drill", mappings=mapping([(0, "Never drilled", ORANGE), *DRILLS]), custom__cellOptions=COLORED, custom__width=125),
            override("Ended|Next", regex=True, unit="dateTimeFromNow", noValue="never", custom__width=125),
            override("of interval", **(gauge | {"max": 1.2, "thresholds": steps((None, GREEN), (1, YELLOW), (1.2, RED))}), custom__width=122),
            override("RTO|RPO", regex=True, unit="s", decimals=1, noValue="–", custom__width=100),
            override("of RTO", **gauge, custom__width=122),
            override("of RPO", **gauge, custom__width=122),
            override("Instance", custom__width=150),
        ])


def services_table():
    p = M.process_one
    ok = lambda good, bad: mapping([(1, good, GREEN), (0, bad, RED)])
    return table(
        "backproof itself, per instance",
        "Whether the answers above can be trusted. The scheduler looks at the clock every second: one that last did "
        "so minutes ago (**Scheduler ran, ago**) has stopped, and everything above is old. **Configuration**: whether "
        "backproof's file and the web configuration are in force as they are now. **Space** is what is left for sandboxes. "
        "**Left behind** are sandbox folders that could not be removed. "
        "**Missed starts** are runs that were due in the time range shown and did not start, **Retries** further attempts "
        "in it, because the one before could not tell. **For room** is what waits for scratch space only.",
        {"A": f"time() - ({p('backproof_scheduler_last_tick_timestamp_seconds')} > 0)",
         "B": f"{p('backproof_config_last_reload_successful')} * {p('backproof_web_config_last_reload_successful')}",
         "C": p("backproof_history_store_up"),
         "D": p("backproof_workers_busy"),
         "E": p("backproof_workers"),
         "F": p("backproof_queue_length"),
         "G": p("backproof_scratch_avail_bytes"),
         "H": f"{p('backproof_scratch_avail_bytes')} / {p('backproof_scratch_size_bytes')}",
         "I": p("backproof_sandbox_leftovers"),
         "J": f"round(sum by (job, instance) (increase({M.of('schedule_misfires_total')}[$__range])))",
         "K": f"{p('process_start_time_seconds')} * 1000",
         "M": p("backproof_queue_waiting_for_scratch"),
         "N": f"round(sum by (job, instance) (increase({M.of('retries_total')}[$__range])))",
         "L": f"max by (job, instance, version) (backproof_exporter_build_info{{{M.process}}})"},
        {"instance": "Instance", "Value #A": "Scheduler ran, ago", "Value #B": "Configuration", "Value #C": "History",
         "Value #D": "Running", "Value #E": "of workers", "Value #F": "Waiting", "Value #G": "Space left", "Value #H": "of the disk",
         "Value #I": "Left behind", "Value #J": "Missed starts",
         "Value #M": "For room", "Value #N": "Retries", "Value #K": "Started", "version": "Version"},
        hidden=["job", "Value #L"],
        overrides=[
            override("Instance", custom__width=160),
            override("Scheduler ran, ago", custom__width=150, unit="s", decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, GREEN), (60, YELLOW), (300, RED))),
            override("Configuration", mappings=ok("Loaded", "Old one in use"), custom__minWidth=125,
                     custom__cellOptions={"type": "color-text"}),
            override("History", mappings=ok("Works", "Broken"), custom__cellOptions={"type": "color-text"}),
            override("Space left", unit="bytes", decimals=1),
            override("of the disk", unit="percentunit", decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, RED), (0.1, YELLOW), (0.2, "text"))),
            override("Left behind|Missed starts", regex=True, decimals=0, custom__cellOptions={"type": "color-text"},
                     thresholds=steps((None, "text"), (1, YELLOW))),
            override("Started", unit="dateTimeFromNow", custom__width=135),
        ])


def dashboard():
    m = M.one
    selected = f'backproof_target_info{{{M.process}, engine=~"$engine"}}'
    return make_dashboard(
        "backproof-overview", "Backup verification / Overview",
        "Can we restore? What backproof found when it restored the newest backup of every target into a sandbox and questioned it.",
        [variable("job", "Job", "label_values(backproof_exporter_build_info, job)", all_value=".+"),
         variable("instance", "Instance", 'label_values(backproof_exporter_build_info{job=~"$job"}, instance)', all_value=".+"),
         variable("engine", "Engine", f"label_values(backproof_target_info{{{M.process}}}, engine)", all_value=".+"),
         variable("target", "Target", f"label_values({selected}, target)")],
        [annotation("backproof started", f"changes(process_start_time_seconds{{{M.process}}}[$__rate_interval]) > 0",
                    "backproof on {{instance}} started", BLUE),
         annotation("Runs that did not pass", f"increase({M.of('run_failures_total')}[$__rate_interval]) > 0.5",
                    "{{target}}: {{cause}}", RED, enable=False)],
        {
            "Can we restore?": [
                (4, [(24, targets_by_state())]),
                (12, [(24, targets_table())]),
                (10, [(24, timeline(
                    "Can we restore? Over time",
                    "The answer of the table for every target at every moment shown. Red: the backup was bad or missing. Orange: the proof "
                    "or the newest backup was too old. Purple: the test could not be done. Grey: disabled.",
                    [query("A", M.answer(), "{{target}}", instant=False)], ANSWERS))]),
            ],
            "Runs": [
                (8, [(11, running_table()), (13, causes_table())]),
                (8, [(24, series(
                    "Runs that did not pass, by cause",
                    "How many runs of all targets shown ended with which cause. One bar is a sixtieth of the time range.",
                    [query("A", f"round(sum by (cause) (increase({M.of('run_failures_total')}[$__rate_interval]))) > 0", "{{cause}}",
                           instant=False, interval="5m")],
                    "none", custom=BARS | {"axisSoftMax": 1}, decimals=0, noValue="Every run passed",
                    overrides=[override(cause, displayName=text, color={"mode": "fixed", "fixedColor": color})
                               for cause, (text, color) in CAUSES.items()]))]),
            ],
            "Against the objectives": [
                (10, [(10, bars(
                    "Newest backup: age in % of its objective",
                    "Age of the newest backup found against the recovery point objective (rpo) of its target; the fifteen worst. "
                    "Above 100 % more data would be lost than agreed.",
                    [query("A", f"sort_desc(topk(15, ({M.age('backup_latest')}) / ({m('rpo_objective_seconds')} > 0)))", "{{target}}")],
                    "percentunit", decimals=0, max=1, thresholds=LIMIT, noValue="No target has this objective")),
                    (14, series(
                        "Restore time in % of its objective",
                        "Measured time to fetch and restore against the recovery time objective (rto). Above the dashed line, 100 %, "
                        "a restore takes longer than agreed. Cut off at 200 %.",
                        [query("A", f"clamp_max(({m('last_restore_duration_seconds')} > 0) / ({m('rto_objective_seconds')} > 0), 2)",
                               "{{target}}", instant=False)],
                        "percentunit", custom=STEPS | {"axisSoftMax": 1.1, "thresholdsStyle": {"mode": "dashed"}}, decimals=0,
                        mappings=mapping([(2, "≥ 200%", "text")]), thresholds=steps((None, "transparent"), (1, RED)), legend=WORST_FIRST,
                        noValue="No target has this objective"))]),
            ],
            "Recovery drills": [(7, [(24, drills_table())])],
            "backproof itself": [(4, [(24, services_table())])],
        })
