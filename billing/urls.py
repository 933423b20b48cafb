from django.urls import path

from billing import cost_pages
from billing import pages as views
from billing.api import budgets as endpoints
from billing.api import costs

pages = [
    path("costs/", cost_pages.Costs.as_view(), name="costs"),
    path("costs/entries.csv", cost_pages.Export.as_view(), name="costs_csv"),
    path("costs/videos.csv", cost_pages.VideoExport.as_view(), name="costs_videos_csv"),
    path("costs/budgets/", views.Budgets.as_view(), name="budgets"),
    path("costs/budgets/<int:pk>/", views.OneBudget.as_view(), name="budget"),
    path("costs/budgets/<int:pk>/remove/", views.Remove.as_view(), name="remove_budget"),
]
api = [
    path("costs/", costs.EntryList.as_view(), name="costs"),
    path("costs/videos/", costs.VideoList.as_view(), name="costs_videos"),
    path("costs/summary/", costs.Summary.as_view(), name="costs_summary"),
    path("budgets/", endpoints.BudgetList.as_view(), name="budgets"),
    path("budgets/<int:pk>/", endpoints.BudgetOne.as_view(), name="budget"),
]
