"""URLs: which address is which page. An id stands last and may be anything: it is compared, never opened."""

from django.urls import path

from pipeline.curate.web import (
    acting,
    answering,
    assets,
    auditing,
    differing,
    doors,
    exports,
    health,
    joining,
    past,
    queue,
    recordings,
    scores,
    splits,
    views,
)

handler400 = "pipeline.curate.web.mistakes.refuse_request"
handler403 = "pipeline.curate.web.mistakes.refuse_reader"
handler404 = "pipeline.curate.web.mistakes.find_nothing"
handler500 = "pipeline.curate.web.mistakes.break_down"

urlpatterns = [
    path("", queue.show_start, name="start"),
    path("queue", queue.show_queue, name="queue"),
    path("uncoded", queue.show_uncoded, name="uncoded"),
    path("health", health.show_health, name="health"),
    path("history", past.show_history, name="history"),
    path("history/undo", past.undo_act, name="undo"),
    path("history/redo", past.redo_act, name="redo"),
    path("candidates", views.show_candidates, name="candidates"),
    path("candidates/<path:cluster_id>", views.show_candidate, name="candidate"),
    path("codes", views.show_codes, name="codes"),
    path("codes/<path:number>", views.show_code, name="code"),
    path("calls/<path:call_id>", views.show_call, name="call"),
    path("quotes/candidate/<path:reason_id>", views.show_quotes, {"kind": "candidate"}, name="candidate_quotes"),
    path("quotes/code/<path:reason_id>", views.show_quotes, {"kind": "code"}, name="code_quotes"),
    path("find", views.find, name="find"),
    path("access", views.show_access, name="access"),
    path("recordings/<int:part_index>/<path:call_id>", recordings.play, name="recording"),
    path("exports/candidates.csv", exports.export_candidates, name="export_candidates"),
    path("exports/codes.csv", exports.export_codes, name="export_codes"),
    path("exports/access.csv", exports.export_access, name="export_access"),
    path(
        "exports/quotes/candidate/<path:reason_id>",
        exports.export_quotes,
        {"kind": "candidate"},
        name="export_candidate_quotes",
    ),
    path("exports/quotes/code/<path:reason_id>", exports.export_quotes, {"kind": "code"}, name="export_code_quotes"),
    path("acts/preview", acting.preview_act, name="preview_act"),
    path("acts/save", acting.save_act, name="save_act"),
    path("audit", auditing.show_audit, name="audit"),
    path("audit/draw", auditing.draw_calls, name="draw_calls"),
    path("audit/next/<int:round_id>", answering.show_next, name="next_question"),
    path("audit/score/<int:round_id>", scores.show_score, name="audit_score"),
    path("audit/outcome/<int:round_id>", scores.show_outcome, name="audit_outcome"),
    path("audit/count/<int:round_id>", scores.count_round, name="count_round"),
    path("audit/differing/<int:round_id>", differing.show_differing, name="differing"),
    path("audit/calls/<int:round_id>/<path:call_id>", answering.answer, name="question"),
    path("audit/resolve/<int:round_id>/<path:call_id>", differing.resolve, name="resolve"),
    path("alike/<path:cluster_id>", joining.show_alike, name="alike"),
    path("joined/<path:cluster_id>", joining.show_joined, name="joined"),
    path("split/candidate/<path:reason_id>", splits.show_split, {"kind": "candidate"}, name="split_candidate"),
    path("split/code/<path:reason_id>", splits.show_split, {"kind": "code"}, name="split_code"),
    path("log-in", doors.log_in, name="log_in"),
    path("enter/<str:token>", doors.enter, name="enter"),
    path("log-out", doors.log_out, name="log_out"),
    path("choose", doors.choose, name="choose"),
    path("assets/<str:name>", assets.serve_asset, name="asset"),
]
