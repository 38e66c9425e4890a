"""Which URL of the sandbox leads where? All of them answer 404 unless SANDBOX=1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import URLPattern, URLResolver, include, path

from channels_app.sandbox import backends, emulators, model_views, trying, views
from channels_app.sandbox.backends import jobs
from channels_app.sandbox.story import views as story


def provider_urls(kinds: Sequence[str] = ()) -> Iterator[URLPattern | URLResolver]:
    """Each pretended provider's API below /sandbox/<its word>/; of these kinds, or of all."""
    for kind in kinds or emulators.kinds():
        if (found := emulators.find(kind)) and found.urls:
            yield path(f"sandbox/{found.mount or kind}/", include([guarded(one) for one in found.urls]))


def guarded(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """The same pattern, and 404 outside of the sandbox."""
    if isinstance(pattern, URLResolver):
        return path(str(pattern.pattern), include([guarded(one) for one in pattern.url_patterns]))
    return URLPattern(pattern.pattern, views.in_sandbox(pattern.callback), pattern.default_args, pattern.name)


urlpatterns = [
    path("sandbox/", views.page, name="sandbox"),
    path("sandbox/feed", views.feed, name="sandbox-feed"),
    path("sandbox/say", views.say, name="sandbox-say"),
    path("sandbox/look", views.look, name="sandbox-look"),
    path("sandbox/controls", views.controls, name="sandbox-controls"),
    path("sandbox/clock", views.move_clock, name="sandbox-clock"),
    path("sandbox/try/<slug:key>/", trying.page, name="sandbox-try"),
    path("sandbox/story", story.script, name="sandbox-story"),
    path("sandbox/story/play", story.play, name="sandbox-story-play"),
    path("sandbox/jobs", views.in_sandbox(jobs.choose), name="sandbox-jobs"),
    path("sandbox/reset", views.reset, name="sandbox-reset"),
    path("sandbox/files/<uuid:public_id>", views.file, name="sandbox-file"),
    *model_views.urlpatterns,
    *backends.urlpatterns,
    *provider_urls(),
]
