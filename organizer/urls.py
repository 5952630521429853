from django.urls import path

from organizer import editing_views, filling_views, template_views

TEMPLATE = "templates/<uuid:template_id>/"
SECTION, QUESTION = f"{TEMPLATE}sections/<slug:section_key>/", f"{TEMPLATE}questions/<slug:question_key>/"

urlpatterns = [
    path("", filling_views.own, name="organizers"),
    path("<uuid:organizer_id>/", filling_views.start, name="organizer"),
    path("<uuid:organizer_id>/sections/<slug:section>/", filling_views.section, name="organizer-section"),
    path("<uuid:organizer_id>/answers/", filling_views.answers, name="organizer-answers"),
    path("<uuid:organizer_id>/files/<str:line>/", filling_views.files, name="organizer-files"),
    path("<uuid:organizer_id>/check/", filling_views.check, name="organizer-check"),
    path("<uuid:organizer_id>/submission/", filling_views.submit, name="organizer-submit"),
    path("<uuid:organizer_id>/done/", filling_views.done, name="organizer-done"),
    path("templates/", template_views.templates, name="organizer-templates"),
    path("templates/new/", template_views.make, name="organizer-template-new"),
    path(TEMPLATE, template_views.template, name="organizer-template"),
    path(f"{TEMPLATE}draft/", template_views.begin_draft, name="organizer-template-draft"),
    path(f"{TEMPLATE}draft/deletion/", template_views.drop_draft, name="organizer-template-draft-deletion"),
    path(f"{TEMPLATE}publication/", template_views.publish, name="organizer-template-publication"),
    path(f"{TEMPLATE}hold/", template_views.hold, name="organizer-template-hold"),
    path(f"{TEMPLATE}release/", template_views.release, name="organizer-template-release"),
    path(f"{TEMPLATE}copy/", template_views.copy, name="organizer-template-copy"),
    path(f"{TEMPLATE}deletion/", template_views.discard, name="organizer-template-deletion"),
    path(f"{TEMPLATE}versions/<int:number>/", template_views.preview, name="organizer-template-preview"),
    path(f"{TEMPLATE}versions/<int:number>/file/", template_views.write_file, name="organizer-template-file"),
    path(f"{TEMPLATE}words/", editing_views.words, name="organizer-template-words"),
    path(f"{TEMPLATE}sections/new/", editing_views.add_section, name="organizer-template-section-new"),
    path(SECTION, editing_views.section, name="organizer-template-section"),
    path(f"{SECTION}words/", editing_views.change_section, name="organizer-template-section-words"),
    path(f"{SECTION}place/", editing_views.move_section, name="organizer-template-section-place"),
    path(f"{SECTION}deletion/", editing_views.remove_section, name="organizer-template-section-deletion"),
    path(f"{SECTION}questions/new/", editing_views.add_question, name="organizer-template-question-new"),
    path(QUESTION, editing_views.question, name="organizer-template-question"),
    path(f"{QUESTION}place/", editing_views.move_question, name="organizer-template-question-place"),
    path(f"{QUESTION}deletion/", editing_views.remove_question, name="organizer-template-question-deletion"),
]
