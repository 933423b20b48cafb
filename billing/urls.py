from django.urls import path

from billing import pages as views
from billing.api import budgets as endpoints

pages = [
    path("costs/budgets/", views.Budgets.as_view(), name="budgets"),
    path("costs/budgets/<int:pk>/", views.OneBudget.as_view(), name="budget"),
    path("costs/budgets/<int:pk>/remove/", views.Remove.as_view(), name="remove_budget"),
]
api = [
    path("budgets/", endpoints.BudgetList.as_view(), name="budgets"),
    path("budgets/<int:pk>/", endpoints.BudgetOne.as_view(), name="budget"),
]
